# Lets the user in with the new password and, until `ensure` runs with it, with the present one. Repeating it changes nothing.
set -eu
input=$(base64 -w0)
ca=$(base64 -w0 "${SERVICE_CA:-/tls/ca.crt}" 2> /dev/null || :)
MYSQL_PWD=$MARIADB_ROOT_PASSWORD mariadb --user="${MARIADB_ROOT:-root}" --batch --raw --skip-column-names <<SQL
SET @input = CONVERT(FROM_BASE64('$input') USING utf8mb4);
SET @id = JSON_VALUE(@input, '$.consumer.id'), @new = PASSWORD(JSON_VALUE(@input, '$.secrets.password'));
SELECT COALESCE(JSON_VALUE(Priv, '$.auth_or[0].authentication_string'), JSON_VALUE(Priv, '$.authentication_string')),
  JSON_VALUE(Priv, '$.auth_or[1].authentication_string')
  INTO @first, @second FROM mysql.global_priv WHERE User = @id AND Host = '%';
SET @old = IF(@first = @new, @second, @first);
EXECUTE IMMEDIATE CONCAT('ALTER USER ', QUOTE(@id), '@\'%\' IDENTIFIED VIA mysql_native_password USING ', QUOTE(@new),
  IF(@old IS NULL, '', CONCAT(' OR mysql_native_password USING ', QUOTE(@old))));
SELECT JSON_OBJECT('name', @id, 'user', @id, 'tls', JSON_COMPACT(IF('$ca' = '' AND '${SERVICE_TLS-}' <> 'true', 'null', 'true')), 'ca', NULLIF(CONVERT(FROM_BASE64('$ca') USING utf8mb4), ''));
SQL
