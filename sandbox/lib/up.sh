# shellcheck shell=bash
# `up`: from nothing, or from whatever a killed one left, to a sandbox in health.

sandbox_up() {
  local began names
  lock "$LOCK"
  FAILED='' WHY=''
  if running; then
    mapfile -t names < <(components)
    # Patience with those that do not answer: on a busy machine they may only be slow, and starting afresh costs
    # whatever is in the cluster.
    if await 30 "${names[@]}"; then
      build_missing
      add_images
      say "the sandbox is up: http://127.0.0.1:$HTTP_PORT"
      return
    fi
    say "$FAILED is not well ($WHY): starting afresh"
    HTTP_PORT=${BERTH_SANDBOX_HTTP_PORT:-$HTTP_PORT}
    FAILED='' WHY=''
  fi
  build_missing
  began=$(now)
  claim_state
  clean
  trap 'give_up' EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM HUP
  start_all
  trap - EXIT INT TERM HUP
  say "up in $(since "$began")"
  say "  http://127.0.0.1:$HTTP_PORT     the ingress proxy"
  say "  $HERE/sandbox shell   a shell with kubectl, in node 1's network"
}

# running: something of a sandbox is there. It answers where it was told to when it was started.
running() {
  [ -f "$LOCATION" ] && [ -n "$(cgroup_pids)" ] || return 1
  HTTP_PORT=$(cat "$STATE/http-port" 2> /dev/null || echo "$HTTP_PORT")
}

# step NAME FUNCTION: a part of the start that is no process, with a log like one's.
step() {
  FAILED=$1
  "$2" > "$LOG/$1.log" 2>&1
  FAILED=''
}

start_all() {
  local n
  rm -rf "$LOG"
  mkdir -p "$LOG" "$RUN"
  echo "$STATE" > "$LOCATION"
  echo "$HTTP_PORT" > "$STATE/http-port"
  link_programs

  step cgroups make_cgroups
  step network make_network
  step certificates make_certificates
  start_etcd
  start_apiserver
  for n in "${NODES[@]}"; do
    make_node "$n"
    start_node "$n"
  done
  step images seed_registry
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
  step objects make_objects
  start_volumes
  start_volume_expansion
  start_cert_manager
  local names
  mapfile -t names < <(components)
  await 120 "${names[@]}"
}

# give_up: a start that failed says where, and leaves nothing running.
give_up() {
  local code=$?
  trap - EXIT
  if [ -n "$FAILED" ]; then
    show_log "$FAILED"
    printf 'sandbox: %s does not start%s\n' "$FAILED" "${WHY:+: $WHY}" >&2
    if [ "$FAILED" = pipe ]; then
      printf '  if port %s is taken: BERTH_SANDBOX_HTTP_PORT=8081 %s up\n' "$HTTP_PORT" "$HERE/sandbox" >&2
    fi
  fi
  clean
  [ "$code" != 0 ] || code=1
  exit "$code"
}
