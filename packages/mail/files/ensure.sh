# Makes the login of one consumer, or brings it to what is asked. JSON on stdin, JSON on stdout; repeating it changes nothing, and only
# this login is good afterwards. Its name is the address that it may send as: dots are in no name of a namespace or an app, so it is
# the consumer's alone. maddy reads the password on stdin.
set -eu
input=$(cat)
json() { printf %s "$input" | awk -v "at=$1" -f /config/json.awk | tr -d '"'; }
creds() { maddy -config /config/maddy.conf creds "$@"; }
base=$(json consumer.namespace).$(json consumer.name).$(json consumer.parameter | tr 'A-Z' 'a-z')
address=$base@$MAIL_DOMAIN
user=$address
# The outputs come from the consumer's namespace, and name no other's.
case $(json outputs.user) in "$base-2@$MAIL_DOMAIN") user=$base-2@$MAIL_DOMAIN ;; esac
all=$(creds list)
verb=create
if echo "$all" | grep -Fqx "$user"; then verb=password; fi
json secrets.password | creds "$verb" "$user" >&2
for other in "$address" "$base-2@$MAIL_DOMAIN"; do
  if [ "$other" != "$user" ] && echo "$all" | grep -Fqx "$other"; then creds remove --yes "$other" >&2; fi
done
encryption=none ca=null
if [ "$INSECURE_AUTH" = no ]; then encryption=starttls; fi
if [ -s /tls/ca.crt ]; then ca=\"$(awk '{printf "%s\\n", $0}' /tls/ca.crt)\"; fi
printf '{"user": "%s", "from": "%s", "encryption": "%s", "ca": %s}\n' "$user" "$address" "$encryption" "$ca"
