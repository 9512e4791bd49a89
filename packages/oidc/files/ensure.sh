# Makes the client of one consumer, or brings it to what is asked: its redirect URIs change with the consumer's host. JSON on stdin,
# JSON on stdout; repeating it changes nothing, and only this client is good afterwards.
set -eu
input=$(cat)
. /config/clients.sh
id=$(json consumer.id)
client=$id
# The outputs come from the consumer's namespace, and name no other's.
case $(json outputs.clientId) in "${id%?}-2\"") client=${id%?}-2\" ;; esac
uris=$(json request.redirectUris)
set_client "$client" "$(json secrets.clientSecret)" "${uris:-[]}"
for other in "$id" "${id%?}-2\""; do [ "$other" = "$client" ] || drop_client "$other"; done
echo "{\"issuer\": \"$ISSUER\", \"clientId\": $client}"
