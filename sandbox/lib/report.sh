# shellcheck shell=bash
# Words for the person at the terminal.

say() { printf '%s\n' "$*"; }

# fail MESSAGE [HINT…]: the last words of a command that cannot go on.
fail() {
  printf 'sandbox: %s\n' "$1" >&2
  shift
  local hint
  for hint in "$@"; do printf '  %s\n' "$hint" >&2; done
  exit 1
}

# milliseconds, for measuring.
now() {
  local t=$EPOCHREALTIME
  printf '%s' "$((${t%[.,]*} * 1000 + 10#${t#*[.,]} / 1000))"
}

# since MILLIS: the time since then, in seconds with one decimal.
since() {
  local d=$(($(now) - $1))
  printf '%d.%d s' $((d / 1000)) $((d % 1000 / 100))
}

# show_log NAME: the end of a component's log, for a failed start.
show_log() {
  local file=$LOG/$1.log
  [ -s "$file" ] || return 0
  printf -- '--- the last lines of %s\n' "$file" >&2
  tail -n 20 "$file" >&2
}
