# Clients in Dex, for the scripts of the grant. JSON stays JSON on its way from their stdin to that of grpcurl.

# json PATH: a part of the input, as it stands there; from_json PATH: of what is on stdin.
json() { printf %s "$input" | from_json "$1"; }
from_json() { awk -v "at=$1" -f /config/json.awk; }

# dex METHOD: request on stdin, response on stdout.
dex() { grpcurl -plaintext -max-time 10 -d @ 127.0.0.1:5557 "api.Dex/$1"; }

# set_client ID SECRET REDIRECT-URIS: makes it, or brings it to that. Dex changes neither a secret nor an empty list in place.
set_client() {
  local client="{\"client\": {\"id\": $1, \"secret\": $2, \"redirectUris\": $3, \"name\": $(json consumer.name)}}" present
  [ "$(echo "$client" | dex CreateClient | from_json alreadyExists)" = true ] || return 0
  present=$(echo "{\"id\": $1}" | dex GetClient | from_json client.secret)
  if [ "$present" = "$2" ] && [ "$3" != '[]' ]; then
    echo "{\"id\": $1, \"redirectUris\": $3}" | dex UpdateClient > /dev/null
  else
    drop_client "$1"
    echo "$client" | dex CreateClient > /dev/null
  fi
}

drop_client() { echo "{\"id\": $1}" | dex DeleteClient > /dev/null; }
