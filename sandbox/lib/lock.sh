# shellcheck shell=bash
# One command at a time changes a sandbox; one at a time builds.

# lock FILE: waits for whoever holds it. The kernel lets go of it when this process ends, however it ends.
lock() {
  mkdir -p "${1%/*}"
  exec {LOCK_FD}> "$1"
  if ! flock --nonblock "$LOCK_FD"; then
    say "waiting for another sandbox command ($1)"
    flock "$LOCK_FD"
  fi
}

unlock() {
  exec {LOCK_FD}>&-
  unset LOCK_FD
}
