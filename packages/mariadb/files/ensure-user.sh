# Makes a person's login to one database, or brings it to what is asked: {consumer: {id}, request: {database, access}, secrets}. JSON on
# stdin, JSON on stdout; repeating it changes nothing. The password stays out of arguments and the environment.
#
# read: SELECT; write: INSERT, UPDATE and DELETE, too; owner: all of this database. What it had is taken only where that was another level.
set -eu
input=$(base64 -w0)
MYSQL_PWD=$MARIADB_ROOT_PASSWORD mariadb --user="${MARIADB_ROOT:-root}" --batch --raw --skip-column-names <<SQL
SET @input = CONVERT(FROM_BASE64('$input') USING utf8mb4);
SET @id = JSON_VALUE(@input, '$.consumer.id'), @db = JSON_VALUE(@input, '$.request.database'), @access = JSON_VALUE(@input, '$.request.access');
SET @user = CONCAT(QUOTE(@id), '@\'%\''), @on = CONCAT(' ON \`', REPLACE(REPLACE(@db, '\`', '\`\`'), '_', '\\\\_'), '\`.*');
SET @problem = CASE
  WHEN @id IN ('root', 'mysql', 'mariadb.sys') THEN 'this login governs the server'
  WHEN NOT EXISTS (SELECT 1 FROM information_schema.schemata WHERE schema_name = @db) THEN 'there is no such database'
  WHEN @db IN ('mysql', 'sys', 'performance_schema', 'information_schema') THEN 'this database governs the server'
END;
EXECUTE IMMEDIATE IF(@problem IS NULL, 'DO 0', CONCAT('SIGNAL SQLSTATE \'45000\' SET MESSAGE_TEXT = ', QUOTE(@problem)));
EXECUTE IMMEDIATE CONCAT('CREATE USER IF NOT EXISTS ', @user);
EXECUTE IMMEDIATE CONCAT('ALTER USER ', @user, ' IDENTIFIED BY ', QUOTE(JSON_VALUE(@input, '$.secrets.password')));
SET @level = (SELECT IF(Create_priv = 'Y', 'owner', IF(Insert_priv = 'Y', 'write', 'read')) FROM mysql.db
  WHERE User = @id AND Host = '%' AND REPLACE(Db, '\\\\_', '_') = @db);
EXECUTE IMMEDIATE IF(@level <> @access, CONCAT('REVOKE ALL PRIVILEGES', @on, ' FROM ', @user), 'DO 0');
EXECUTE IMMEDIATE CONCAT('GRANT ', CASE @access
  WHEN 'owner' THEN 'ALL' WHEN 'write' THEN 'SELECT, SHOW VIEW, INSERT, UPDATE, DELETE' ELSE 'SELECT, SHOW VIEW' END, @on, ' TO ', @user);
SELECT '{}';
SQL
