# Drops the logins of one consumer, under whatever domain; repeating it changes nothing.
set -eu
input=$(cat)
json() { printf %s "$input" | awk -v "at=$1" -f /config/json.awk | tr -d '"'; }
creds() { maddy -config /config/maddy.conf creds "$@"; }
base=$(json consumer.namespace).$(json consumer.name).$(json consumer.parameter | tr 'A-Z' 'a-z')
creds list | while read -r user; do
  case ${user%@*} in "$base" | "$base-2") creds remove --yes "$user" >&2 ;; esac
done
echo '{}'
