# Makes the database and the user of one consumer, or brings them to what is asked. JSON on stdin, JSON on stdout; repeating it
# changes nothing. The password stays out of arguments and the environment, and only this one is good afterwards.
set -eu
input=$(base64 -w0)
ca=$(base64 -w0 "${SERVICE_CA:-/tls/ca.crt}" 2> /dev/null || :)
MYSQL_PWD=$MARIADB_ROOT_PASSWORD mariadb --user="${MARIADB_ROOT:-root}" --batch --raw --skip-column-names <<SQL
SET @input = CONVERT(FROM_BASE64('$input') USING utf8mb4);
SET @id = JSON_VALUE(@input, '$.consumer.id'), @collation = JSON_VALUE(@input, '$.request.collation');
SET @user = CONCAT(QUOTE(@id), '@\'%\'');
EXECUTE IMMEDIATE CONCAT('CREATE DATABASE IF NOT EXISTS \`', @id, '\` COLLATE ', QUOTE(COALESCE(@collation, 'utf8mb4_unicode_ci')));
EXECUTE IMMEDIATE CONCAT('CREATE USER IF NOT EXISTS ', @user);
EXECUTE IMMEDIATE CONCAT('ALTER USER ', @user, ' IDENTIFIED BY ', QUOTE(JSON_VALUE(@input, '$.secrets.password')));
-- In a GRANT an underscore is any character, and so would be the database of a neighbour.
EXECUTE IMMEDIATE CONCAT('GRANT ALL ON \`', REPLACE(@id, '_', '\\\\_'), '\`.* TO ', @user);
SELECT JSON_OBJECT('name', @id, 'user', @id, 'tls', JSON_COMPACT(IF('$ca' = '' AND '${SERVICE_TLS-}' <> 'true', 'null', 'true')), 'ca', NULLIF(CONVERT(FROM_BASE64('$ca') USING utf8mb4), ''));
SQL
