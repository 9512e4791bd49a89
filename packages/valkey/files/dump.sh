# The keys of one consumer on stdout, a line each: what comes after the prefix, when it expires, and the value as DUMP gives it, in
# quotes as valkey-cli reads them.
set -eu
cli() {
  REDISCLI_AUTH=$ADMIN_PASSWORD valkey-cli ${TLS_ARGS-} -h "${REDISCLI_HOST:-127.0.0.1}" -p "${REDISCLI_PORT:-6379}" --user "${REDISCLI_USER:-admin}" -e --raw "$@"
}
id=$(cli -x EVAL 'return cjson.decode(ARGV[1]).consumer.id' 0)
exec 3>&1
cursor=''
until [ "$cursor" = 0 ]; do
  cursor=$(cli EVAL '
    local function quoted(text)
      return (text:gsub("[^%w]", function(c) return string.format("\\x%02x", c:byte()) end)) .. "\""
    end
    local found = redis.call("SCAN", ARGV[2], "MATCH", ARGV[1] .. ":*", "COUNT", 200)
    local lines = {found[1]}
    for _, key in ipairs(found[2]) do
      local value = redis.call("DUMP", key)
      if value then
        lines[#lines + 1] = quoted(key:sub(#ARGV[1] + 2)) .. " " .. math.max(redis.call("PTTL", key), 0) .. " \"" .. quoted(value)
      end
    end
    return table.concat(lines, "\n")' 0 "$id" "${cursor:-0}" | {
    read -r next
    grep . >&3 || true
    echo "$next"
  })
  [ -n "$cursor" ]
done
