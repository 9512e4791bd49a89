#!/bin/sh
# Starts Valkey as the public image does: arguments or a configuration file alone are those of valkey-server.
set -eu

if [ "${1#-}" != "$1" ] || [ "${1%.conf}" != "$1" ]; then set -- valkey-server "$@"; fi

if [ "$1" = valkey-server ] && [ "$(id -u)" = 0 ]; then
  find . ! -user valkey -exec chown valkey {} +
  exec setpriv --reuid=valkey --regid=valkey --clear-groups "$0" "$@"
fi

# What it writes is nobody else's.
if [ "$(umask)" = 0022 ]; then umask 0077; fi
exec "$@"
