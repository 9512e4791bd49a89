# shellcheck shell=bash
# `up`: from nothing, or from whatever a killed one left, to a sandbox in health.

sandbox_up() {
  local began
  lock "$LOCK"
  if running; then
    local sick
    sick=$(ailing)
    if [ -z "$sick" ]; then
      say "the sandbox is up: http://127.0.0.1:$HTTP_PORT"
      return
    fi
    say "parts of the sandbox are not as they should be ($sick); starting afresh"
  fi
  build_missing
  began=$(now)
  clean
  claim_state
  trap 'give_up' EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM HUP
  FAILED=''
  start_all
  trap - EXIT INT TERM HUP
  say "up in $(since "$began")"
  say "  http://127.0.0.1:$HTTP_PORT    the ingress proxy"
  say "  sandbox shell            a shell with kubectl, in node 1's network"
}

# running: something of a sandbox is there.
running() { [ -f "$LOCATION" ] && [ -n "$(cgroup_pids | head -n 1)" ]; }

# ailing: the components that are not up, in words.
ailing() {
  local names
  mapfile -t names < <(components | tr ' ' '\n')
  survey "${names[@]}" | awk '$2 != "up" {printf "%s%s %s", s, $1, $2; s = ", "}'
}

start_all() {
  local n
  rm -rf "$LOG"
  mkdir -p "$LOG" "$RUN"
  echo "$STATE" > "$LOCATION"
  echo "$HTTP_PORT" > "$STATE/http-port"
  link_programs

  FAILED=network
  make_cgroups
  make_network 2> "$LOG/network.log"
  FAILED=certificates
  make_certificates
  FAILED=''

  start_etcd
  start_apiserver
  for n in "${NODES[@]}"; do
    make_node "$n"
    start_node "$n"
  done
  seed_registry
  start_registry
  start_s3
  await 20 "${NODES[@]/#/node}"
  for n in "${NODES[@]}"; do start_containerd "$n"; done
  await 120 etcd apiserver "${NODES[@]/#/containerd}"

  start_controller_manager
  start_scheduler
  for n in "${NODES[@]}"; do
    start_kubelet "$n"
    start_proxy "$n"
  done
  start_dns
  start_ingress
  start_pipe
  start_metrics
  make_objects
  start_volumes
  local names
  mapfile -t names < <(components | tr ' ' '\n')
  await 120 "${names[@]}"
}

# give_up: a start that failed says where, and leaves nothing running.
give_up() {
  local code=$?
  trap - EXIT
  if [ -n "$FAILED" ]; then
    show_log "$FAILED"
    printf 'sandbox: %s does not start\n' "$FAILED" >&2
  fi
  clean
  [ "$code" != 0 ] || code=1
  exit "$code"
}
