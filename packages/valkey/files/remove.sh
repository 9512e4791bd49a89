# Drops the user and the keys of one consumer; repeating it changes nothing.
set -eu
cli() {
  REDISCLI_AUTH=$ADMIN_PASSWORD valkey-cli ${TLS_ARGS-} -h "${REDISCLI_HOST:-127.0.0.1}" -p "${REDISCLI_PORT:-6379}" --user "${REDISCLI_USER:-admin}" -e --raw "$@"
}
id=$(cli -x EVAL 'return cjson.decode(ARGV[1]).consumer.id' 0)
cli ACL DELUSER "$id" > /dev/null
cli ACL SAVE > /dev/null
# Some at a time: everybody waits for a script.
cursor=''
until [ "$cursor" = 0 ]; do
  cursor=$(cli EVAL '
    local found = redis.call("SCAN", ARGV[2], "MATCH", ARGV[1] .. ":*", "COUNT", 1000)
    if #found[2] > 0 then redis.call("UNLINK", unpack(found[2])) end
    return found[1]' 0 "$id" "${cursor:-0}")
done
echo '{}'
