# shellcheck shell=bash
# The components by name: which there are, how each is started and asked how it is.

components() {
  local n
  printf '%s\n' etcd apiserver controller-manager scheduler
  for n in "${NODES[@]}"; do printf '%s\n' "node$n" "containerd$n" "kubelet$n" "proxy$n"; done
  printf '%s\n' registry s3 dns ingress pipe-inside pipe metrics volumes volume-expansion cert-manager
}

# call VERB COMPONENT: `call start kubelet2` is `start_kubelet 2`.
call() {
  if [[ $2 =~ ^([a-z]+)([0-9])$ && $2 != s3 ]]; then
    "$1_${BASH_REMATCH[1]}" "${BASH_REMATCH[2]}"
  else
    "$1_${2//-/_}"
  fi
}

# get NODE [OPTION…] URL: asks from within the node's network; the answer is not wanted.
get() {
  local node=$1
  shift
  in_net "$node" curl -sSf -m 5 -o /dev/null --noproxy '*' "$@"
}

ask_api() { # path
  in_net 1 curl -sSf -m 5 --noproxy '*' --cacert "$PKI/ca.crt" --cert "$PKI/admin.crt" --key "$PKI/admin.key" "$API$1"
}

# state_of COMPONENT: up, failing (it lives and does not answer as it should) or dead.
state_of() {
  if ! pid_of "$1" > /dev/null; then
    echo dead
  elif call probe "$1" > /dev/null 2>&1; then
    echo up
  else
    echo failing
  fi
}

# survey COMPONENT…: the states, all asked at once: lines of `name state`.
survey() {
  local c
  for c in "$@"; do (echo "$c $(state_of "$c")") & done
  wait
}

# await SECONDS COMPONENT…: until all are up. When one dies or the time is over, it fails, with that one's name in FAILED
# and the cause in WHY.
await() {
  local end=$((SECONDS + $1)) patience=$1 pending still name state
  shift
  pending=("$@")
  while true; do
    still=()
    while read -r name state; do
      case $state in
        dead)
          FAILED=$name WHY='its process ended'
          return 1
          ;;
        failing) still+=("$name") ;;
      esac
    done < <(survey "${pending[@]}")
    [ ${#still[@]} -gt 0 ] || return 0
    if [ "$SECONDS" -ge "$end" ]; then
      FAILED=${still[0]} WHY="it does not answer as it should, after $patience s"
      return 1
    fi
    pending=("${still[@]}")
    sleep 0.1
  done
}
