# Every login there is. Which are berth's, berth knows by their names.
set -eu
maddy -config /config/maddy.conf creds list | sed 's/[\\"]/\\&/g; s/.*/{"name": "&", "users": ["&"]}/' | paste -sd , - \
  | sed 's/.*/{"items": [&]}/'
