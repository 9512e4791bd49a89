# The database of one consumer as SQL on stdout. Without the names of those who defined views and routines: they belong to whoever
# restores them.
set -eu
input=$(base64 -w0)
export MYSQL_PWD=$MARIADB_ROOT_PASSWORD
id=$(mariadb --user="${MARIADB_ROOT:-root}" --batch --raw --skip-column-names <<SQL
SELECT JSON_VALUE(CONVERT(FROM_BASE64('$input') USING utf8mb4), '$.consumer.id');
SQL
)
# A pipe has the exit code of its last command only: that of the dump goes by another way.
exec 4>&1
code=$({
  {
    mariadb-dump --user="${MARIADB_ROOT:-root}" --single-transaction --routines --events --hex-blob "$id" || echo 1 >&3
  } | sed -E '/^(\/\*!5[0-9]+ |CREATE )/s/DEFINER=`[^`]*`@`[^`]*`//' >&4
} 3>&1)
exit "${code:-0}"
