# shellcheck shell=bash
# `run` and `shell`: into node 1's network.

enter_environment() {
  [ -e "$(netns 1)" ] || fail 'the sandbox is not up' "$HERE/sandbox up"
  # berth itself, as this checkout built it, is at hand, too.
  export KUBECONFIG=$KUBECONFIG_ADMIN PATH=$HERE/../bin:$PROGRAMS:$PATH
  export BERTH_SANDBOX_INGRESS=http://$MAIN BERTH_SANDBOX_HTTP_PORT=$HTTP_PORT
}

sandbox_run() {
  [ "${1:-}" != -- ] || shift
  [ $# -gt 0 ] || fail 'what shall be run?' 'sandbox run kubectl get pods -A'
  enter_environment
  exec nsenter --net="$(netns 1)" -- "$@"
}

sandbox_shell() {
  enter_environment
  # The person's own settings, then a prompt that says where this is.
  exec nsenter --net="$(netns 1)" -- bash --rcfile <(
    echo '[ ! -f ~/.bashrc ] || . ~/.bashrc'
    echo "PATH=$HERE/../bin:$PROGRAMS:\$PATH PS1='(sandbox) \w\\$ '"
  ) -i
}
