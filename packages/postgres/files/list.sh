# Every database there is, with those who may log in to it, and its size; and every name that is taken. Which are berth's, berth knows
# by their names.
set -eu
psql -qAtX -v ON_ERROR_STOP=1 -U "${PGUSER:-postgres}" -d "${PGDATABASE:-postgres}" <<'SQL'
SET search_path = pg_catalog;
SELECT json_build_object(
  'items', coalesce(json_agg(json_strip_nulls(json_build_object('name', datname, 'users', users, 'bytes', bytes)) ORDER BY datname), '[]'),
  'logins', (SELECT json_agg(rolname) FROM pg_roles)
)
FROM (
  SELECT datname, CASE WHEN has_database_privilege(oid, 'CONNECT') THEN pg_database_size(oid) END AS bytes, (
    SELECT coalesce(json_agg(rolname ORDER BY rolname), '[]') FROM pg_roles
    WHERE rolcanlogin AND NOT rolsuper AND (
      pg_has_role(pg_roles.oid, datdba, 'MEMBER')
      OR EXISTS (SELECT FROM aclexplode(datacl) WHERE grantee = pg_roles.oid AND privilege_type = 'CONNECT')
    )
  ) AS users
  FROM pg_database WHERE NOT datistemplate AND datname <> 'postgres'
) AS databases;
SQL
