#!/bin/bash
# Starts MariaDB as the public image does: MARIADB_ROOT_PASSWORD, MARIADB_ROOT_HOST, MARIADB_DATABASE, MARIADB_USER,
# MARIADB_PASSWORD (each also from a file named in …_FILE), and /docker-entrypoint-initdb.d.
set -euo pipefail
shopt -s nullglob

readonly DATA=/var/lib/mysql SOCKET=/run/mysqld/mysqld.sock

# setting NAME [DEFAULT]: from NAME or the file that NAME_FILE names, into NAME.
setting() {
  local file=${1}_FILE
  if [ -n "${!1:-}" ] && [ -n "${!file:-}" ]; then
    echo "error: both $1 and $file are set (but are exclusive)" >&2
    exit 1
  fi
  if [ -n "${!file:-}" ]; then declare -g "$1=$(< "${!file}")"; else declare -g "$1=${!1:-${2:-}}"; fi
  unset "$file"
}

sql() { MYSQL_PWD=${MARIADB_ROOT_PASSWORD:-} mariadb --no-defaults --protocol=socket --socket="$SOCKET" --user=root "$@"; }

# quoted WORDS: as an SQL string.
quoted() {
  local text=${1//\\/\\\\}
  printf "'%s'" "${text//\'/\\\'}"
}

accounts() {
  local root
  root=$(quoted "$MARIADB_ROOT_PASSWORD")
  echo 'SET @@SESSION.SQL_LOG_BIN = 0;'
  echo "DROP USER IF EXISTS ''@localhost;"
  if [ "$MARIADB_ROOT_HOST" != localhost ]; then
    echo "CREATE USER root@$(quoted "$MARIADB_ROOT_HOST") IDENTIFIED BY $root;"
    echo "GRANT ALL ON *.* TO root@$(quoted "$MARIADB_ROOT_HOST") WITH GRANT OPTION;"
  fi
  [ -z "$MARIADB_DATABASE" ] || echo "CREATE DATABASE IF NOT EXISTS \`$MARIADB_DATABASE\`;"
  if [ -n "$MARIADB_USER" ]; then
    echo "CREATE USER $(quoted "$MARIADB_USER")@'%' IDENTIFIED BY $(quoted "$MARIADB_PASSWORD");"
    [ -z "$MARIADB_DATABASE" ] || echo "GRANT ALL ON \`${MARIADB_DATABASE//_/\\_}\`.* TO $(quoted "$MARIADB_USER")@'%';"
  fi
  echo "SET PASSWORD FOR root@localhost = PASSWORD($root);"
}

initialize() {
  if [ -z "$MARIADB_ROOT_PASSWORD" ]; then
    echo 'error: Database is uninitialized and password option is not specified' >&2
    echo '    You need to specify MARIADB_ROOT_PASSWORD' >&2
    exit 1
  fi
  mariadb-install-db --datadir="$DATA" --skip-test-db --skip-name-resolve --auth-root-authentication-method=normal --skip-log-bin > /dev/null

  # Nobody from outside may come in before it is done.
  "$@" --skip-networking --socket="$SOCKET" &
  local server=$! f
  until MARIADB_ROOT_PASSWORD='' sql -e 'SELECT 1' > /dev/null 2>&1; do
    kill -0 "$server" || exit 1
    sleep 0.2
  done
  accounts | MARIADB_ROOT_PASSWORD='' sql
  for f in /docker-entrypoint-initdb.d/*; do
    echo "$0: running $f"
    case $f in
      *.sh)
        # shellcheck source=/dev/null
        if [ -x "$f" ]; then "$f"; else . "$f"; fi
        ;;
      *.sql) sql ${MARIADB_DATABASE:+"$MARIADB_DATABASE"} < "$f" ;;
      *.sql.gz) gunzip -c "$f" | sql ${MARIADB_DATABASE:+"$MARIADB_DATABASE"} ;;
      *) echo "$0: ignoring $f" ;;
    esac
  done
  kill "$server"
  wait "$server"
  echo 'MariaDB init process done. Ready for start up.'
}

main() {
  case ${1:-} in -*) set -- mariadbd "$@" ;; esac
  if [ "$1" != mariadbd ] && [ "$1" != mysqld ]; then exec "$@"; fi

  if [ "$(id -u)" = 0 ]; then
    find "$DATA" /run/mysqld ! -user mysql -exec chown mysql: {} +
    exec setpriv --reuid=mysql --regid=mysql --init-groups "$0" "$@"
  fi

  setting MARIADB_ROOT_PASSWORD
  setting MARIADB_ROOT_HOST %
  setting MARIADB_DATABASE
  setting MARIADB_USER
  setting MARIADB_PASSWORD
  if [ ! -d "$DATA/mysql" ]; then initialize "$@"; fi
  exec "$@"
}

main "$@"
