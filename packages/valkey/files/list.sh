# Every user there is, but for the administrator. Which are berth's, berth knows by their names.
set -eu
REDISCLI_AUTH=$ADMIN_PASSWORD valkey-cli --user admin -e --raw ACL USERS | grep -Evx 'default|admin' \
  | sed 's/[\\"]/\\&/g; s/.*/{"name": "&", "users": ["&"]}/' | paste -sd , | sed 's/.*/{"items": [&]}/'
