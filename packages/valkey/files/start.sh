# Starts the server with the users that there are, the administrator's password as it is now, and nobody without one.
set -eu
umask 077
touch /data/users.acl
{
  echo 'user default off'
  echo "user admin on #$(printf %s "$ADMIN_PASSWORD" | sha256sum | cut -d ' ' -f 1) ~* &* +@all"
  grep -Ev '^user (default|admin) ' /data/users.acl || true
} > /data/users.acl.new
mv /data/users.acl.new /data/users.acl
exec valkey-server --dir /data --aclfile /data/users.acl --appendonly yes --save '' "$@"
