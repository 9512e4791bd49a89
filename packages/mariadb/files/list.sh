# Every database there is, with its users and its size; and every name that is taken. Which are berth's, berth knows by their names.
set -eu
MYSQL_PWD=$MARIADB_ROOT_PASSWORD mariadb --user="${MARIADB_ROOT:-root}" --batch --raw --skip-column-names <<'SQL'
SELECT JSON_OBJECT('items', COALESCE(JSON_ARRAYAGG(JSON_OBJECT('name', name, 'users', JSON_COMPACT(users), 'bytes', bytes) ORDER BY name), JSON_ARRAY()),
  'logins', (SELECT JSON_ARRAYAGG(User) FROM mysql.global_priv))
FROM (
  SELECT schema_name AS name,
    (SELECT COALESCE(JSON_ARRAYAGG(User ORDER BY User), JSON_ARRAY()) FROM mysql.db WHERE REPLACE(Db, '\\_', '_') = schema_name) AS users,
    (SELECT COALESCE(CAST(SUM(data_length + index_length) AS INTEGER), 0) FROM information_schema.tables WHERE table_schema = schema_name) AS bytes
  FROM information_schema.schemata
  WHERE schema_name NOT IN ('mysql', 'sys', 'performance_schema', 'information_schema')
) AS found;
SQL
