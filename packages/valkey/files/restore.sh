# Reads one line of JSON and then what dump.sh wrote, into the prefix of one consumer.
set -eu
cli() {
  REDISCLI_AUTH=$ADMIN_PASSWORD valkey-cli ${TLS_ARGS-} -h "${REDISCLI_HOST:-127.0.0.1}" -p "${REDISCLI_PORT:-6379}" --user "${REDISCLI_USER:-admin}" -e --raw "$@"
}
IFS= read -r input
id=$(printf %s "$input" | cli -x EVAL 'return cjson.decode(ARGV[1]).consumer.id' 0)
# Each line that this is not a key of is refused by Valkey, and none can name another command or prefix: it begins within quotes.
wrong=$(sed "s/^/RESTORE \"$id:/; s/\$/ REPLACE/" | cli | grep -vx OK | head -n 3) || true
[ -z "$wrong" ] || { echo "$wrong" >&2 && exit 1; }
echo '{}'
