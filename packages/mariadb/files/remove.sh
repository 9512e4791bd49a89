# Drops the database and the user of one consumer; repeating it changes nothing.
set -eu
input=$(base64 -w0)
MYSQL_PWD=$MARIADB_ROOT_PASSWORD mariadb --user="${MARIADB_ROOT:-root}" --batch --raw --skip-column-names <<SQL
SET @id = JSON_VALUE(CONVERT(FROM_BASE64('$input') USING utf8mb4), '$.consumer.id');
EXECUTE IMMEDIATE CONCAT('DROP USER IF EXISTS ', QUOTE(@id), '@\'%\'');
EXECUTE IMMEDIATE CONCAT('DROP DATABASE IF EXISTS \`', @id, '\`');
SELECT '{}';
SQL
