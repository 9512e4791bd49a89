# Drops the client of one consumer; repeating it changes nothing.
set -eu
input=$(cat)
. /config/clients.sh
id=$(json consumer.id)
drop_client "$id"
drop_client "${id%?}-2\""
echo '{}'
