# shellcheck shell=bash
# What apps need beside Kubernetes: images, names, objects, a way in, metrics and volumes. All in node 1's network.

start_registry() {
  cat > "$STATE/registry.yaml" << END
version: 0.1
log: {level: warn, accesslog: {disabled: true}}
storage: {filesystem: {rootdirectory: $STATE/registry}, delete: {enabled: true}}
http: {addr: "$REGISTRY", secret: sandbox}
END
  on_network registry 1 env OTEL_TRACES_EXPORTER=none "$PROGRAMS/registry" serve "$STATE/registry.yaml"
}

start_s3() {
  mkdir -p "$STATE/s3" "$STATE/s3-versions"
  on_network s3 1 env "ROOT_ACCESS_KEY=$S3_ACCESS_KEY" "ROOT_SECRET_KEY=$S3_SECRET_KEY" \
    "$PROGRAMS/versitygw" --quiet --port "${S3#http://}" --health /healthz \
    posix --versioning-dir "$STATE/s3-versions" "$STATE/s3"
}

start_dns() {
  # Names outside the cluster do not exist: a refusal would make resolvers wait and ask again.
  cat > "$STATE/Corefile" << END
cluster.local in-addr.arpa {
  bind $MAIN
  errors
  ready 127.0.0.1:8181
  kubernetes {
    kubeconfig $PKI/dns.kubeconfig
  }
}
. {
  bind $MAIN
  errors
  template ANY ANY {
    rcode NXDOMAIN
  }
}
END
  on_network dns 1 "$PROGRAMS/coredns" -conf "$STATE/Corefile"
}

start_ingress() {
  # It asks the API server itself: with the sandbox's authority as the system's, and a token. It knows no watch, so it
  # asks often, or a rolling change would be sent requests for pods that have gone.
  on_network ingress 1 env "SSL_CERT_FILE=$PKI/ca.crt" "$PROGRAMS/skipper" \
    -kubernetes -kubernetes-url "$API" -kubernetes-token-file "$PKI/ingress.token" \
    -enable-kubernetes-endpointslices -kubernetes-ingress-class '^skipper$' -kubernetes-https-redirect=false \
    -source-poll-timeout 250 -wait-first-route-load -wait-for-healthcheck-interval 0 \
    -address "$MAIN:80" -insecure -support-listener '' -metrics-listener '' -access-log-disabled \
    -proxy-preserve-host -experimental-upgrade
}

# The way in from the machine's own loopback. Sockets on a file system know no network namespace: two pipes meet there.
start_pipe() {
  rm -f "$RUN/ingress.sock"
  on_network pipe-inside 1 socat -t 60 "UNIX-LISTEN:$RUN/ingress.sock,fork" "TCP:$MAIN:80"
  launch pipe "${PLAIN[@]}" socat -t 60 "TCP-LISTEN:$HTTP_PORT,bind=127.0.0.1,reuseaddr,fork" "UNIX-CONNECT:$RUN/ingress.sock"
}

start_metrics() {
  on_network metrics 1 "$PROGRAMS/metrics-server" --kubeconfig "$PKI/metrics.kubeconfig" \
    --authentication-kubeconfig "$PKI/metrics.kubeconfig" --authorization-kubeconfig "$PKI/metrics.kubeconfig" \
    --kubelet-certificate-authority "$PKI/ca.crt" --kubelet-preferred-address-types InternalIP \
    --secure-port 4443 --bind-address "$MAIN" --tls-cert-file "$PKI/metrics.crt" --tls-private-key-file "$PKI/metrics.key" \
    --metric-resolution 15s
}

start_volumes() {
  mkdir -p "$STATE/volumes"
  on_network volumes 1 "$PROGRAMS/local-path-provisioner" start --kubeconfig "$PKI/volumes.kubeconfig" \
    --namespace local-path-storage --configmap-name local-path-config --service-account-name local-path \
    --config "$STATE/manifests/volumes/config.json" --helper-image "$BUSYBOX_IMAGE" \
    --helper-pod-file "$STATE/manifests/volumes/helperPod.yaml"
}

# A folder has no size, so growing a volume is only saying so; but the provisioner does not, and a claim that asks for
# more would wait for ever.
start_volume_expansion() {
  on_network volume-expansion 1 env "KUBECONFIG=$PKI/volumes.kubeconfig" "KUBECACHEDIR=$KUBECACHEDIR" "PATH=$PROGRAMS:/usr/bin:/bin" \
    bash -euo pipefail -c "$(declare -f expand_volumes); expand_volumes"
}

expand_volumes() {
  local namespace claim volume size
  while true; do
    kubectl get persistentvolumeclaims --all-namespaces --watch --output json \
      | jq --unbuffered -r 'select(.status.phase == "Bound" and .spec.resources.requests.storage != .status.capacity.storage)
          | [.metadata.namespace, .metadata.name, .spec.volumeName, .spec.resources.requests.storage] | @tsv' \
      | while read -r namespace claim volume size; do
        echo "$namespace/$claim: $size"
        kubectl patch persistentvolume "$volume" --patch "{\"spec\": {\"capacity\": {\"storage\": \"$size\"}}}" \
          && kubectl patch persistentvolumeclaim --namespace "$namespace" "$claim" --subresource status \
            --patch "{\"status\": {\"capacity\": {\"storage\": \"$size\"}}}" || true
      done || true
    sleep 1
  done
}

start_cert_manager() {
  in_net 1 "$PROGRAMS/kubectl" --kubeconfig "$KUBECONFIG_ADMIN" apply --server-side -f "$(readlink -f "$PROGRAMS/cert-manager-crds")"
  on_network cert-manager 1 "$PROGRAMS/cert-manager" -kubeconfig "$KUBECONFIG_ADMIN"
}

probe_registry() { get 1 "http://$REGISTRY/v2/"; }
probe_s3() { get 1 "$S3/healthz"; }
probe_dns() { get 1 http://127.0.0.1:8181/ready; }
probe_ingress() { get 1 "http://$MAIN/kube-system/healthz"; }
probe_pipe_inside() { [ -S "$RUN/ingress.sock" ]; }
probe_pipe() { curl -sSf -m 5 -o /dev/null --noproxy '*' "http://127.0.0.1:$HTTP_PORT/kube-system/healthz"; }
probe_volumes() { ask_api /apis/storage.k8s.io/v1/storageclasses/local-path > /dev/null; }
probe_volume_expansion() { :; }
probe_cert_manager() { ask_api /apis/cert-manager.io/v1/issuers?limit=1 > /dev/null; }

# Until it is available, discovery of the API is incomplete, and no namespace can be deleted.
probe_metrics() {
  ask_api /apis/apiregistration.k8s.io/v1/apiservices/v1beta1.metrics.k8s.io \
    | jq -e 'any(.status.conditions[]?; .type == "Available" and .status == "True")' > /dev/null
}
