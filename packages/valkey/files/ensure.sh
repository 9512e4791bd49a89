# Makes the user of one consumer, or brings it to what is asked. JSON on stdin, JSON on stdout; repeating it changes nothing. The
# password stays out of arguments and the environment, and only this one is good afterwards.
#
# Valkey's Lua reads the JSON, but may not make users: it says the command. The user may do what has a key or a channel that begins
# with its prefix, and nothing that tells of other keys (SCAN), reaches all (FLUSHALL, FUNCTION), or governs the server.
set -eu
cli() {
  REDISCLI_AUTH=$ADMIN_PASSWORD valkey-cli ${TLS_ARGS-} -h "${REDISCLI_HOST:-127.0.0.1}" -p "${REDISCLI_PORT:-6379}" --user "${REDISCLI_USER:-admin}" -e --raw "$@"
}
command=$(cli -x EVAL '
  local input = cjson.decode(ARGV[1])
  local id = input.consumer.id
  -- It comes from the namespace of the consumer, and says nothing but a password.
  assert(input.secrets.password:match("^[%w_-]+$"), "a password is letters, digits, _ and -")
  return table.concat({
    "ACL SETUSER", id, "reset on", ">" .. input.secrets.password, "~" .. id .. ":*", "&" .. id .. ":*",
    "+@all -@admin -@dangerous -@scripting -scan -randomkey -dbsize -pubsub",
    "+eval +eval_ro +evalsha +evalsha_ro +script|load +script|exists +info",
  }, " ")' 0)
said=$(echo "$command" | cli)
[ "$said" = OK ] || { echo "$said" >&2 && exit 1; }
cli ACL SAVE > /dev/null
id=${command#ACL SETUSER }
id=${id%% *}
tls=false ca=null
if [ -n "${TLS_ARGS-}" ]; then tls=true; fi
if [ -s "${SERVICE_CA:-/tls/ca.crt}" ]; then ca=\"$(awk '/-BEGIN/, /-END/ {sub(/\r$/, ""); printf "%s\\n", $0}' "${SERVICE_CA:-/tls/ca.crt}")\"; fi
printf '{"user": "%s", "prefix": "%s:", "tls": %s, "ca": %s}\n' "$id" "$id" "$tls" "$ca"
