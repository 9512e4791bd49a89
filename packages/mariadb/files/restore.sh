# Reads one line of JSON and then what dump.sh wrote, into the fresh database of one consumer; as its user, who can do no harm elsewhere.
set -eu
IFS= read -r input
input=$(printf %s "$input" | base64 -w0)
account=$(MYSQL_PWD=$MARIADB_ROOT_PASSWORD mariadb --user="${MARIADB_ROOT:-root}" --batch --raw --skip-column-names <<SQL
SET @input = CONVERT(FROM_BASE64('$input') USING utf8mb4);
SELECT CONCAT(JSON_VALUE(@input, '$.consumer.id'), ' ', JSON_VALUE(@input, '$.secrets.password'));
SQL
)
tls=--ssl
[ -z "${MYSQL_HOST-}" ] || tls=
MYSQL_PWD=${account#* } mariadb --user="${account%% *}" --protocol=tcp $tls --host="${MYSQL_HOST:-127.0.0.1}" "${account%% *}"
echo '{}'
