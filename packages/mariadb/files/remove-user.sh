# Drops a person's login, and ends what it has open. Repeating it changes nothing.
set -eu
input=$(base64 -w0)
MYSQL_PWD=$MARIADB_ROOT_PASSWORD mariadb --user="${MARIADB_ROOT:-root}" --batch --raw --skip-column-names <<SQL
SET @id = JSON_VALUE(CONVERT(FROM_BASE64('$input') USING utf8mb4), '$.consumer.id');
EXECUTE IMMEDIATE IF(@id IN ('root', 'mysql', 'mariadb.sys'), 'SIGNAL SQLSTATE \'45000\' SET MESSAGE_TEXT = \'this login governs the server\'', 'DO 0');
EXECUTE IMMEDIATE CONCAT('DROP USER IF EXISTS ', QUOTE(@id), '@\'%\'');
EXECUTE IMMEDIATE CONCAT('KILL USER ', QUOTE(@id));
SELECT '{}';
SQL
