# shellcheck shell=bash
# `status`: how each part is.

sandbox_status() {
  local json='' names states state code name what pid
  case ${1:-} in
    --json) json=1 ;;
    '') ;;
    *) fail "status has no option $1" 'sandbox status --json' ;;
  esac
  if running; then
    mapfile -t names < <(components)
    states=$(in_order "$(survey "${names[@]}")")
    state=healthy code=0
    if awk '$2 != "up" {exit 1}' <<< "$states"; then :; else state=degraded code=1; fi
  else
    states='' state=down code=3
  fi

  if [ -n "$json" ]; then
    status_json "$state" "$states"
    exit "$code"
  fi
  say "$state"
  [ "$state" != down ] || exit "$code"
  while read -r name what; do
    pid=$(pid_of "$name" || true)
    printf '  %-20s %-8s %s\n' "$name" "$what" "$pid"
  done <<< "$states"
  cat << END
addresses, in node 1's network:
  Kubernetes   $API
  registry     $REGISTRY
  S3           $S3  ($S3_ACCESS_KEY, $S3_SECRET_KEY)
  ingress      http://$MAIN
on this machine:
  ingress      http://127.0.0.1:$HTTP_PORT
  kubeconfig   $KUBECONFIG_ADMIN
  logs         $LOG
END
  exit "$code"
}

# in_order LINES: those of a survey come as the answers did.
in_order() {
  local name
  while read -r name; do grep "^$name " <<< "$1"; done < <(components)
}

status_json() { # state, lines of `name state`
  local name what n
  {
    while read -r name what; do
      [ -z "$name" ] || jq -n --arg name "$name" --arg state "$what" --arg pid "$(pid_of "$name" || true)" \
        '{name: $name, state: $state, pid: ($pid | tonumber? // null)}'
    done <<< "$2"
  } | jq -s --arg state "$1" --arg main "$MAIN" --arg port "$HTTP_PORT" --arg api "$API" --arg registry "$REGISTRY" \
    --arg s3 "$S3" --arg access "$S3_ACCESS_KEY" --arg secret "$S3_SECRET_KEY" --arg folder "$STATE" \
    --arg kubeconfig "$KUBECONFIG_ADMIN" --arg programs "$PROGRAMS" --arg logs "$LOG" --arg net "$(netns 1)" \
    --argjson nodes "$(for n in "${NODES[@]}"; do jq -n --arg name "node$n" --arg address "$(node_address "$n")" \
      '{name: $name, address: $address}'; done | jq -s .)" '
    . as $components
    | {$state, $components,
       nodes: [$nodes[] | ("kubelet" + .name[4:]) as $k
         | . + {ready: any($components[]; .name == $k and .state == "up")}],
       addresses: {kubernetes: $api, $registry, $s3, ingress: "http://\($main)", http: "http://127.0.0.1:\($port)"},
       s3: {accessKey: $access, secretKey: $secret},
       folders: {state: $folder, $programs, $logs}, $kubeconfig, network: $net}'
}
