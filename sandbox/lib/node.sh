# shellcheck shell=bash
# A node: a process that holds its view of the file system, and in it containerd, kubelet and kube-proxy.

node_folder() { echo "$STATE/node$1"; }

# make_node NODE: configuration, before anything of it runs.
make_node() {
  local n=$1 dir folder
  dir=$(node_folder "$n")
  for folder in "${NODE_FOLDERS[@]}"; do
    mkdir -p "$dir$folder"
    # A mount point must exist on the machine; those made here are taken away again at the end.
    if [ ! -d "$folder" ]; then
      mkdir -p "$folder"
      echo "$folder" >> "$STATE/mountpoints"
    fi
  done
  mkdir -p "$dir/cni" "$dir/registries/_default"

  # Every image, whatever registry its name says, comes from the sandbox's own.
  cat > "$dir/registries/_default/hosts.toml" << END
server = "http://$REGISTRY"
[host."http://$REGISTRY"]
  capabilities = ["pull", "resolve"]
END

  # restrict_oom_score_adj: without CAP_SYS_RESOURCE runc cannot lower a score and dies ("can't get final child's PID
  # from pipe: EOF").
  cat > "$dir/containerd.toml" << END
version = 2
disabled_plugins = ["io.containerd.snapshotter.v1.aufs", "io.containerd.snapshotter.v1.btrfs", "io.containerd.snapshotter.v1.devmapper", "io.containerd.snapshotter.v1.zfs", "io.containerd.tracing.processor.v1.otlp", "io.containerd.internal.v1.tracing"]
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "$PAUSE_IMAGE"
  restrict_oom_score_adj = true
  netns_mounts_under_state_dir = true
  enable_unprivileged_ports = true
  enable_unprivileged_icmp = true
  max_concurrent_downloads = 6
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "/usr/lib/cni"
    conf_dir = "$dir/cni"
  [plugins."io.containerd.grpc.v1.cri".registry]
    config_path = "$dir/registries"
END

  # ptp, not bridge: a pod's answer to a neighbour that asked by a service address must be routed, or it goes round
  # connection tracking (a bridge needs the br_netfilter module for that).
  cat > "$dir/cni/10-pods.conflist" << END
{"cniVersion": "0.4.0", "name": "pods", "plugins": [
  {"type": "ptp", "ipMasq": false, "ipam": {"type": "host-local", "ranges": [[{"subnet": "$(pod_subnet "$n")"}]],
    "routes": [{"dst": "0.0.0.0/0"}], "dataDir": "/var/lib/cni/networks"}},
  {"type": "portmap", "capabilities": {"portMappings": true}}]}
END

  cat > "$dir/kubelet.yaml" << END
apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
containerRuntimeEndpoint: unix:///run/containerd/containerd.sock
cgroupDriver: cgroupfs
cgroupRoot: /$CGROUP/node$n
enforceNodeAllocatable: []
oomScoreAdj: 0
failSwapOn: false
authentication: {x509: {clientCAFile: $PKI/ca.crt}, webhook: {enabled: true}, anonymous: {enabled: false}}
authorization: {mode: Webhook}
tlsCertFile: $PKI/kubelet$n.crt
tlsPrivateKeyFile: $PKI/kubelet$n.key
clusterDNS: [$MAIN]
clusterDomain: cluster.local
resolvConf: $STATE/resolv.conf
volumePluginDir: /var/lib/kubelet/volume-plugins
evictionHard: {memory.available: 50Mi, nodefs.available: 1%, imagefs.available: 1%, nodefs.inodesFree: 1%}
imageGCHighThresholdPercent: 100
imageGCLowThresholdPercent: 99
serializeImagePulls: false
registryPullQPS: 0
eventRecordQPS: 0
kubeAPIQPS: 200
kubeAPIBurst: 400
END

  cat > "$dir/proxy.yaml" << END
apiVersion: kubeproxy.config.k8s.io/v1alpha1
kind: KubeProxyConfiguration
mode: iptables
clientConnection: {kubeconfig: $PKI/proxy.kubeconfig}
clusterCIDR: $POD_RANGE
hostnameOverride: node$n
oomScoreAdj: 0
conntrack: {maxPerCore: 0}
iptables: {minSyncPeriod: 100ms}
healthzBindAddress: 127.0.0.1:10256
END
}

start_node() {
  local n=$1 dir folder mounts=''
  dir=$(node_folder "$n")
  for folder in "${NODE_FOLDERS[@]}"; do mounts+="mount --bind '$dir$folder' '$folder'; "; done
  # Shared among the node's own processes, as pods with mount propagation expect; private to the machine.
  on_network node$n "$n" unshare --mount --propagation private \
    sh -ec "$mounts mount --make-rshared /; touch '$dir/mounted'; exec sleep infinity"
}

start_containerd() { on_node containerd$1 "$1" containerd --config "$(node_folder "$1")/containerd.toml" --log-level warn; }

start_kubelet() {
  on_node kubelet$1 "$1" "$PROGRAMS/kubelet" --config "$(node_folder "$1")/kubelet.yaml" \
    --kubeconfig "$PKI/kubelet$1.kubeconfig" --hostname-override "node$1" --node-ip "$(node_address "$1")" \
    --root-dir /var/lib/kubelet --cert-dir /var/lib/kubelet/pki
}

start_proxy() { on_node proxy$1 "$1" "$PROGRAMS/kube-proxy" --config "$(node_folder "$1")/proxy.yaml"; }

probe_node() { [ -f "$(node_folder "$1")/mounted" ]; }
probe_containerd() { timeout 5 ctr --address "$(node_folder "$1")/run/containerd/containerd.sock" version > /dev/null; }
probe_proxy() { get "$1" http://127.0.0.1:10256/healthz; }

# A kubelet is well when it says so and the cluster says that its node is ready.
probe_kubelet() {
  get "$1" http://127.0.0.1:10248/healthz \
    && ask_api "/api/v1/nodes/node$1" | jq -e 'any(.status.conditions[]; .type == "Ready" and .status == "True")' > /dev/null
}
