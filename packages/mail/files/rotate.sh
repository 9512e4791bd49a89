# Makes the consumer's other login. The present one (outputs.user) stays good until `ensure` runs with what this prints. Repeating it
# changes nothing.
set -eu
input=$(cat)
json() { printf %s "$input" | awk -v "at=$1" -f /config/json.awk | tr -d '"'; }
creds() { maddy -config /config/maddy.conf creds "$@"; }
base=$(json consumer.namespace).$(json consumer.name).$(json consumer.parameter | tr 'A-Z' 'a-z')
address=$base@$MAIL_DOMAIN
user=$address
case $(json outputs.user) in "$address" | '') user=$base-2@$MAIL_DOMAIN ;; esac
verb=create
if creds list | grep -Fqx "$user"; then verb=password; fi
json secrets.password | creds "$verb" "$user" >&2
encryption=none ca=null
if [ "$INSECURE_AUTH" = no ]; then encryption=starttls; fi
if [ -s /tls/ca.crt ]; then ca=\"$(awk '{printf "%s\\n", $0}' /tls/ca.crt)\"; fi
printf '{"user": "%s", "from": "%s", "encryption": "%s", "ca": %s}\n' "$user" "$address" "$encryption" "$ca"
