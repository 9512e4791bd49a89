# shellcheck shell=bash
# One network namespace a node, joined by a bridge, with no default route: nothing can leave.

netns() { echo "$STATE/netns/node$1"; }
node_address() { echo "$NODE_NETWORK.$1"; }
pod_subnet() { echo "$POD_NETWORK.$1.0/24"; }

# in_net NODE COMMAND…
in_net() {
  local node=$1
  shift
  nsenter --net="$(netns "$node")" -- "$@"
}

make_network() {
  local n
  mkdir -p "$STATE/netns"
  for n in "${NODES[@]}"; do
    : > "$(netns "$n")"
    unshare --net="$(netns "$n")" true
  done

  # This kernel may lack the `dummy` link type, so node 1's address is on the bridge itself. Service addresses are
  # routed there only so that a route exists; kube-proxy rewrites them before a packet goes anywhere.
  in_net 1 ip -batch - << END
link set lo up
link add br0 type bridge
address add $MAIN/24 dev br0
link set br0 up
route add $SERVICE_RANGE dev br0
END
  for n in "${NODES[@]:1}"; do
    in_net 1 ip -batch - << END
link add node$n type veth peer name uplink netns $(netns "$n")
link set node$n master br0 up
route add $(pod_subnet "$n") via $(node_address "$n")
END
    in_net "$n" ip -batch - << END
link set lo up
link set uplink up
address add $(node_address "$n")/24 dev uplink
route add $(pod_subnet 1) via $MAIN
route add $SERVICE_RANGE via $MAIN
END
  done
  for n in "${NODES[@]}"; do
    # route_localnet: node ports answer on 127.0.0.1 too.
    in_net "$n" sysctl -qw net.ipv4.ip_forward=1 net.ipv4.conf.all.route_localnet=1 net.ipv4.ip_unprivileged_port_start=0
  done
  echo "nameserver $MAIN" > "$STATE/resolv.conf"
}
