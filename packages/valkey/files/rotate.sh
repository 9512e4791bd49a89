# Lets the user in with the new password and, until `ensure` runs with it, with the present one. Repeating it changes nothing.
set -eu
cli() {
  REDISCLI_AUTH=$ADMIN_PASSWORD valkey-cli ${TLS_ARGS-} -h "${REDISCLI_HOST:-127.0.0.1}" -p "${REDISCLI_PORT:-6379}" --user "${REDISCLI_USER:-admin}" -e --raw "$@"
}
command=$(cli -x EVAL '
  local input = cjson.decode(ARGV[1])
  -- It comes from the namespace of the consumer, and says nothing but a password.
  assert(input.secrets.password:match("^[%w_-]+$"), "a password is letters, digits, _ and -")
  return "ACL SETUSER " .. input.consumer.id .. " >" .. input.secrets.password' 0)
said=$(echo "$command" | cli)
[ "$said" = OK ] || { echo "$said" >&2 && exit 1; }
cli ACL SAVE > /dev/null
id=${command#ACL SETUSER }
id=${id%% *}
tls=false ca=null
if [ -n "${TLS_ARGS-}" ]; then tls=true; fi
if [ -s "${SERVICE_CA:-/tls/ca.crt}" ]; then ca=\"$(awk '/-BEGIN/, /-END/ {sub(/\r$/, ""); printf "%s\\n", $0}' "${SERVICE_CA:-/tls/ca.crt}")\"; fi
printf '{"user": "%s", "prefix": "%s:", "tls": %s, "ca": %s}\n' "$id" "$id" "$tls" "$ca"
