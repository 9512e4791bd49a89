# Every client there is. Which are berth's, berth knows by their names.
set -eu
. /config/clients.sh
found=$(echo '{}' | dex ListClients)
printf '{"items": ['
number=0
while true; do
  id=$(echo "$found" | from_json "clients.$number.id")
  [ -n "$id" ] || break
  [ "$number" = 0 ] || printf ', '
  printf '{"name": %s, "users": [%s]}' "$id" "$id"
  number=$((number + 1))
done
echo ']}'
