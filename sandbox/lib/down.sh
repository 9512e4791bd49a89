# shellcheck shell=bash
# `down` and `reset`.

sandbox_down() {
  local began nets left
  began=$(now)
  lock "$LOCK"
  mapfile -t nets < <(networks)
  clean
  left=$(leftovers "${nets[@]}")
  if [ -n "$left" ]; then
    printf '%s\n' "$left" >&2
    fail 'the sandbox is down, but this is left of it'
  fi
  unlock
  say "down in $(since "$began")"
}

sandbox_reset() {
  sandbox_down
  exec "$HERE/sandbox" up
}
