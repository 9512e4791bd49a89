# shellcheck shell=bash
# etcd, the API server, the controllers and the scheduler, all in node 1's network.

start_etcd() {
  # No fsync: what it holds is deleted with the sandbox.
  on_network etcd 1 etcd --data-dir "$STATE/etcd" --unsafe-no-fsync --logger zap --log-level warn \
    --listen-client-urls http://127.0.0.1:2379 --advertise-client-urls http://127.0.0.1:2379 \
    --listen-peer-urls http://127.0.0.1:2380 --initial-advertise-peer-urls http://127.0.0.1:2380 \
    --initial-cluster default=http://127.0.0.1:2380
}

start_apiserver() {
  on_network apiserver 1 "$PROGRAMS/kube-apiserver" \
    --etcd-servers http://127.0.0.1:2379 --advertise-address "$MAIN" --secure-port 6443 \
    --service-cluster-ip-range "$SERVICE_RANGE" --allow-privileged \
    --authorization-mode Node,RBAC --enable-admission-plugins NodeRestriction \
    --client-ca-file "$PKI/ca.crt" --token-auth-file "$PKI/tokens.csv" \
    --tls-cert-file "$PKI/apiserver.crt" --tls-private-key-file "$PKI/apiserver.key" \
    --service-account-issuer https://kubernetes.default.svc \
    --service-account-key-file "$PKI/service-account.pub" --service-account-signing-key-file "$PKI/service-account.key" \
    --kubelet-preferred-address-types InternalIP --kubelet-certificate-authority "$PKI/ca.crt" \
    --kubelet-client-certificate "$PKI/apiserver-to-kubelet.crt" --kubelet-client-key "$PKI/apiserver-to-kubelet.key" \
    --enable-aggregator-routing \
    --requestheader-client-ca-file "$PKI/ca.crt" --requestheader-allowed-names front-proxy \
    --requestheader-username-headers X-Remote-User --requestheader-group-headers X-Remote-Group \
    --requestheader-extra-headers-prefix X-Remote-Extra- \
    --proxy-client-cert-file "$PKI/front-proxy.crt" --proxy-client-key-file "$PKI/front-proxy.key"
}

start_controller_manager() {
  # The autoscaler looks often and believes new pods soon, so that a test of it need not wait minutes.
  on_network controller-manager 1 "$PROGRAMS/kube-controller-manager" \
    --kubeconfig "$PKI/controller-manager.kubeconfig" --leader-elect=false --bind-address 127.0.0.1 \
    --kube-api-qps 200 --kube-api-burst 400 --use-service-account-credentials \
    --service-account-private-key-file "$PKI/service-account.key" --root-ca-file "$PKI/ca.crt" \
    --cluster-signing-cert-file "$PKI/ca.crt" --cluster-signing-key-file "$PKI/ca.key" \
    --horizontal-pod-autoscaler-sync-period 5s --horizontal-pod-autoscaler-cpu-initialization-period 10s \
    --horizontal-pod-autoscaler-initial-readiness-delay 5s
}

start_scheduler() {
  on_network scheduler 1 "$PROGRAMS/kube-scheduler" \
    --kubeconfig "$PKI/scheduler.kubeconfig" --leader-elect=false --bind-address 127.0.0.1 \
    --kube-api-qps 200 --kube-api-burst 400
}

probe_etcd() { get 1 http://127.0.0.1:2379/health; }
probe_apiserver() { get 1 --cacert "$PKI/ca.crt" "$API/readyz"; }
probe_controller_manager() { get 1 -k https://127.0.0.1:10257/healthz; }
probe_scheduler() { get 1 -k https://127.0.0.1:10259/readyz; }
