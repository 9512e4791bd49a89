# Lets the consumer in under its other login. The present one (outputs.user) stays good until `ensure` runs with what this prints.
# Repeating it changes nothing.
set -eu
input=$(cat)
psql -qAtX -v ON_ERROR_STOP=1 -U "${PGUSER:-postgres}" -d "${PGDATABASE:-postgres}" 3<<INPUT <<'SQL'
$input
INPUT
\set input `cat <&3`
SET search_path = pg_catalog;
\set sslmode `printf %s "${PGSSLMODE-}"`
\set ca `cat "${PGSSLROOTCERT:-/tls/ca.crt}" 2>/dev/null || :`
-- A statement that fails is logged with its text, and one of these holds the password.
SELECT setting FROM unnest(ARRAY['SET log_min_error_statement = panic', 'SET log_statement = ''none''']) AS setting
WHERE current_setting('is_superuser') = 'on' \gexec
SELECT :'input'::json->'consumer'->>'id' AS id, :'input'::json->'secrets'->>'password' AS password \gset
SELECT CASE WHEN coalesce(:'input'::json->'outputs'->>'user', :'id') = :'id' THEN :'id' || '_2' ELSE :'id' END AS login \gset
SELECT format('CREATE ROLE %I IN ROLE %I', :'login', :'id') WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = :'login') \gexec
SELECT format('GRANT %I TO CURRENT_USER', :'login') WHERE NOT pg_has_role(:'login', 'USAGE') \gexec
-- What it makes belongs to the consumer's role, whoever logs in later.
SELECT format('ALTER ROLE %I SET role = %L', :'login', :'id') WHERE :'login' <> :'id' \gexec
SELECT format('ALTER ROLE %I LOGIN PASSWORD %L', :'login', :'password') \gexec
SELECT json_strip_nulls(json_build_object('name', :'id', 'user', :'login', 'ca', nullif(:'ca', '') || E'\n',
  'sslmode', coalesce(nullif(:'sslmode', ''), CASE
    WHEN NOT current_setting('ssl')::bool THEN 'disable'
    WHEN (:'input'::json->'request'->>'verify')::bool THEN 'verify-full' ELSE 'require' END)));
SQL
