# Drops a person's login, and ends what it has open. Repeating it changes nothing.
set -eu
cli() {
  REDISCLI_AUTH=$ADMIN_PASSWORD valkey-cli ${TLS_ARGS-} -h "${REDISCLI_HOST:-127.0.0.1}" -p "${REDISCLI_PORT:-6379}" --user "${REDISCLI_USER:-admin}" -e --raw "$@"
}
id=$(cli -x EVAL 'return cjson.decode(ARGV[1]).consumer.id' 0)
case $id in admin | default) echo 'this login governs the server' >&2 && exit 1 ;; esac
cli ACL DELUSER "$id" > /dev/null
cli ACL SAVE > /dev/null
echo '{}'
