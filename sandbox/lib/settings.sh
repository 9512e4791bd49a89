# shellcheck shell=bash
# What is fixed: addresses, places, versions. Everything else reads these and changes none.
# shellcheck disable=SC2034 # read by the other files

# Where it is kept. The state must be on a file system that overlayfs takes as an upper layer (not a tmpfs of an
# old kernel, not overlayfs itself), and its path short enough for the sockets in it (108 bytes).
# One sandbox a machine: its cgroup has a fixed name, and LOCATION says in which folder the state of a running one is.
readonly CGROUP=berth-sandbox
readonly LOCK=/run/lock/berth-sandbox.lock
readonly LOCATION=/run/berth-sandbox
RUNNING_STATE=$(cat "$LOCATION" 2> /dev/null || true)
readonly RUNNING_STATE
readonly STATE=${BERTH_SANDBOX_DIR:-${RUNNING_STATE:-/var/lib/berth-sandbox}}
readonly CACHE=${XDG_CACHE_HOME:-$HOME/.cache}/berth-sandbox
HTTP_PORT=${BERTH_SANDBOX_HTTP_PORT:-8080}

readonly NODES=(1 2)
readonly NODE_NETWORK=10.99.0      # node N is .N
readonly POD_NETWORK=10.244        # node N has .N.0/24
readonly POD_RANGE=$POD_NETWORK.0.0/16
readonly SERVICE_RANGE=10.96.0.0/16
readonly SERVICE_APISERVER=10.96.0.1
readonly MAIN=$NODE_NETWORK.1      # node 1: the control plane, and everything beside the nodes

readonly API=https://$MAIN:6443
readonly REGISTRY=$MAIN:5000
readonly S3=http://$MAIN:7070
readonly S3_ACCESS_KEY=sandboxkey
readonly S3_SECRET_KEY=sandboxsecret

readonly PAUSE_IMAGE=registry.k8s.io/pause:3.10
readonly BUSYBOX_IMAGE=docker.io/library/busybox:1.35

readonly LOG=$STATE/log
readonly RUN=$STATE/run
readonly PKI=$STATE/pki
readonly KUBECONFIG_ADMIN=$STATE/admin.kubeconfig
readonly PROGRAMS=$STATE/bin

# What kubectl remembers of an API is of this cluster, and not of the one that had the same address before.
export KUBECACHEDIR=$STATE/kubectl-cache

# A node's own view of the machine: in its mount namespace these are folders of $STATE/nodeN, so that two nodes (and a
# Docker beside them) share neither sockets nor pods, and paths are those of any other node.
readonly NODE_FOLDERS=(/run/containerd /var/lib/containerd /var/lib/kubelet /var/lib/cni /var/log/pods /var/log/containers)
