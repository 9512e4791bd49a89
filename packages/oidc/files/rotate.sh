# Makes the consumer's other client. The present one (outputs.clientId) stays good until `ensure` runs with what this prints. Repeating it
# changes nothing.
set -eu
input=$(cat)
. /config/clients.sh
id=$(json consumer.id)
client=$id
case $(json outputs.clientId) in "$id" | '') client=${id%?}-2\" ;; esac
uris=$(json request.redirectUris)
set_client "$client" "$(json secrets.clientSecret)" "${uris:-[]}"
echo "{\"issuer\": \"$ISSUER\", \"clientId\": $client}"
