#!/bin/sh
# Starts nginx as the public image does. Someone who is not root and has no folders to write to but /tmp, as with
# nginxinc/nginx-unprivileged, gets a configuration that writes only there.
set -eu

for f in /docker-entrypoint.d/*.sh; do
  if [ -x "$f" ]; then "$f"; fi
done

if [ "${1:-}" = nginx ] && { [ ! -w /run ] || [ ! -w /var/cache/nginx ]; } \
  && cmp -s /etc/nginx/nginx.conf /etc/nginx/nginx.conf.image; then
  set -- "$@" -c /etc/nginx/nginx-in-tmp.conf
fi
exec "$@"
