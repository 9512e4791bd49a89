# shellcheck shell=bash
# The components by name: which there are, how each is started and asked how it is.

components() {
  local n
  printf '%s\n' etcd apiserver controller-manager scheduler
  for n in "${NODES[@]}"; do printf '%s\n' "node$n" "containerd$n" "kubelet$n" "proxy$n"; done
  printf '%s\n' registry s3 dns ingress pipe-inside pipe metrics volumes volume-expansion
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

# await SECONDS COMPONENT…: until all are up. Fails, with the name of one that is not in FAILED, when one dies or the
# time is over.
await() {
  local deadline=$((SECONDS + $1)) pending name state
  shift
  pending=("$@")
  while [ ${#pending[@]} -gt 0 ]; do
    local still=()
    while read -r name state; do
      case $state in
        dead)
          FAILED=$name
          return 1
          ;;
        failing) still+=("$name") ;;
      esac
    done < <(survey "${pending[@]}")
    pending=("${still[@]}")
    if [ ${#pending[@]} -gt 0 ]; then
      if [ "$SECONDS" -ge "$deadline" ]; then
        FAILED=${pending[0]}
        return 1
      fi
      sleep 0.1
    fi
  done
}
