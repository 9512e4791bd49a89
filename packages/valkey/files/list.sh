# Every prefix of keys that a login has, with its logins, but for the administrator; and every name that is taken. Which are berth's,
# berth knows by their names.
set -eu
cli() {
  REDISCLI_AUTH=$ADMIN_PASSWORD valkey-cli ${TLS_ARGS-} -h "${REDISCLI_HOST:-127.0.0.1}" -p "${REDISCLI_PORT:-6379}" --user "${REDISCLI_USER:-admin}" -e --raw "$@"
}
cli ACL LIST | cli -x EVAL '
  local items, known, logins = {}, {}, {}
  for line in ARGV[1]:gmatch("[^\n]+") do
    local name = line:match("^user (%S+)")
    logins[#logins + 1] = name
    if name ~= "default" and name ~= "admin" then
      local database = line:match(" ~(%S+):%*") or line:match(" %%R~(%S+):%*") or name
      if not known[database] then
        known[database] = {name = database, users = {}}
        items[#items + 1] = known[database]
      end
      table.insert(known[database].users, name)
    end
  end
  table.sort(items, function(one, other) return one.name < other.name end)
  local found = #items > 0 and cjson.encode(items) or "[]"
  return "{\"items\": " .. found .. ", \"logins\": " .. cjson.encode(logins) .. "}"' 0
