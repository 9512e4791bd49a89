# shellcheck shell=bash
# The cluster's own authority, a certificate for each component, and kubeconfigs made of them.
# Elliptic keys: a whole set takes a tenth of a second.

readonly NEW_KEY=(-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes)

make_authority() {
  cat > "$PKI/openssl.cnf" << 'END'
[req]
distinguished_name = name
[name]
[authority]
basicConstraints = critical,CA:TRUE
keyUsage = critical,keyCertSign,cRLSign,digitalSignature
subjectKeyIdentifier = hash
[leaf]
basicConstraints = critical,CA:FALSE
keyUsage = critical,digitalSignature
extendedKeyUsage = serverAuth,clientAuth
subjectAltName = $ENV::NAMES
END
  NAMES=DNS:unused openssl req -x509 -config "$PKI/openssl.cnf" -extensions authority "${NEW_KEY[@]}" \
    -keyout "$PKI/ca.key" -out "$PKI/ca.crt" -days 3650 -subj /CN=berth-sandbox
}

# certificate NAME SUBJECT [ALTERNATIVE NAMES]
certificate() {
  NAMES=${3:-DNS:$1.invalid} openssl req -x509 -config "$PKI/openssl.cnf" -extensions leaf "${NEW_KEY[@]}" \
    -CA "$PKI/ca.crt" -CAkey "$PKI/ca.key" -keyout "$PKI/$1.key" -out "$PKI/$1.crt" -days 3650 -subj "$2"
}

kubeconfig() { # name, file
  cat > "$2" << END
apiVersion: v1
kind: Config
clusters:
- name: sandbox
  cluster: {server: "$API", certificate-authority-data: $(base64 -w0 "$PKI/ca.crt")}
users:
- name: $1
  user: {client-certificate-data: $(base64 -w0 "$PKI/$1.crt"), client-key-data: $(base64 -w0 "$PKI/$1.key")}
contexts:
- name: sandbox
  context: {cluster: sandbox, user: $1}
current-context: sandbox
END
}

make_certificates() {
  mkdir -p "$PKI"
  chmod 700 "$PKI"
  make_authority

  local pids=() n c
  certificate apiserver /CN=kube-apiserver "IP:$MAIN,IP:$SERVICE_APISERVER,IP:127.0.0.1,DNS:localhost,DNS:kubernetes,DNS:kubernetes.default,DNS:kubernetes.default.svc,DNS:kubernetes.default.svc.cluster.local" &
  pids+=($!)
  certificate metrics /O=system:masters/CN=sandbox:metrics "IP:$MAIN,DNS:metrics-server.kube-system.svc" &
  pids+=($!)
  for n in "${NODES[@]}"; do
    certificate "kubelet$n" "/O=system:nodes/CN=system:node:node$n" "IP:$(node_address "$n"),DNS:node$n" &
    pids+=($!)
  done
  certificate controller-manager /CN=system:kube-controller-manager & pids+=($!)
  certificate scheduler /CN=system:kube-scheduler & pids+=($!)
  certificate proxy /CN=system:kube-proxy & pids+=($!)
  certificate front-proxy /CN=front-proxy & pids+=($!)
  for c in admin apiserver-to-kubelet dns volumes; do
    certificate "$c" "/O=system:masters/CN=sandbox:$c" &
    pids+=($!)
  done
  { openssl ecparam -name prime256v1 -genkey -noout -out "$PKI/service-account.key" \
    && openssl ec -in "$PKI/service-account.key" -pubout -out "$PKI/service-account.pub"; } &
  pids+=($!)
  # Skipper knows no client certificates; it has a token.
  openssl rand -hex 16 > "$PKI/ingress.token"
  echo "$(< "$PKI/ingress.token"),sandbox:ingress,ingress,system:masters" > "$PKI/tokens.csv"
  for c in "${pids[@]}"; do wait "$c"; done

  kubeconfig admin "$KUBECONFIG_ADMIN"
  for c in controller-manager scheduler proxy dns metrics volumes kubelet1 kubelet2; do
    kubeconfig "$c" "$PKI/$c.kubeconfig"
  done
}
