# Makes a person's login to the keys of one prefix, or brings it to what is asked: {consumer: {id}, request: {database, access}, secrets},
# where the database is the prefix without its colon. JSON on stdin, JSON on stdout; repeating it changes nothing.
#
# read and write: commands on keys, by what they do to them; owner: what an app may (ensure.sh). Nobody may list keys.
set -eu
cli() {
  REDISCLI_AUTH=$ADMIN_PASSWORD valkey-cli ${TLS_ARGS-} -h "${REDISCLI_HOST:-127.0.0.1}" -p "${REDISCLI_PORT:-6379}" --user "${REDISCLI_USER:-admin}" -e --raw "$@"
}
command=$(cli -x EVAL '
  local input = cjson.decode(ARGV[1])
  local id, database, password = input.consumer.id, input.request.database, input.secrets.password
  assert(id ~= "default" and id ~= "admin", "this login governs the server")
  for _, text in ipairs({id, database, password}) do assert(text:match("^[%w_.-]+$"), "names and passwords are letters, digits, _, . and -") end
  local all = database .. ":*"
  local rights = {
    read = "%R~" .. all .. " +@read +@connection -@admin -@dangerous",
    write = "~" .. all .. " &" .. all .. " +@read +@write +@connection +@transaction +@pubsub -@admin -@dangerous",
    owner = "~" .. all .. " &" .. all .. " +@all -@admin -@dangerous -@scripting +eval +eval_ro +evalsha +evalsha_ro +script|load +script|exists +info",
  }
  return table.concat({"ACL SETUSER", id, "reset on", ">" .. password, rights[input.request.access], "-scan -randomkey -dbsize -pubsub"}, " ")' 0)
said=$(echo "$command" | cli)
[ "$said" = OK ] || { echo "$said" >&2 && exit 1; }
cli ACL SAVE > /dev/null
echo '{}'
