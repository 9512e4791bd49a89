# Makes the database and the user of one consumer, or brings them to what is asked. JSON on stdin, JSON on stdout; repeating it
# changes nothing. The password stays out of arguments, the environment and the server's log, and only this one is good afterwards.
#
# The role named as the consumer owns everything. After a rotation another one logs in for it (outputs.user), and becomes it at once.
set -eu
input=$(cat)
psql -qAtX -v ON_ERROR_STOP=1 -U "${PGUSER:-postgres}" -d "${PGDATABASE:-postgres}" 3<<INPUT <<'SQL'
$input
INPUT
\set input `cat <&3`
SET search_path = pg_catalog;
\set sslmode `printf %s "${PGSSLMODE-}"`
\set ca `cat "${PGSSLROOTCERT:-/tls/ca.crt}" 2>/dev/null || :`
-- A statement that fails is logged with its text, and two of these hold the password.
SELECT setting FROM unnest(ARRAY['SET log_min_error_statement = panic', 'SET log_statement = ''none''']) AS setting
WHERE current_setting('is_superuser') = 'on' \gexec
SELECT :'input'::json->'consumer'->>'id' AS id, :'input'::json->'secrets'->>'password' AS password \gset
SELECT coalesce(:'input'::json->'outputs'->>'user', :'id') AS login \gset
SELECT format('CREATE ROLE %I LOGIN', :'id') WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = :'id') \gexec
SELECT format('ALTER ROLE %I LOGIN PASSWORD %L', rolname, :'password') FROM pg_roles WHERE rolname = :'login' AND rolname IN (:'id', :'id' || '_2') \gexec
SELECT format('ALTER ROLE %I NOLOGIN PASSWORD NULL', rolname) FROM pg_roles WHERE rolname <> :'login' AND rolname IN (:'id', :'id' || '_2') \gexec
-- An administrator who is no superuser owns only as a member; a superuser is one of every role.
SELECT format('GRANT %I TO CURRENT_USER', :'id') WHERE NOT pg_has_role(:'id', 'USAGE') \gexec
SELECT format('CREATE DATABASE %I OWNER %I', :'id', :'id') WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = :'id') \gexec
SELECT format('REVOKE ALL ON DATABASE %I FROM PUBLIC', :'id') \gexec
-- Whoever owns the database says what a function is in there, and we come as a superuser: nothing is worked out in it.
SELECT coalesce(string_agg(format('CREATE EXTENSION IF NOT EXISTS %I;', name), ' '), '') AS extensions
FROM json_array_elements_text(coalesce(:'input'::json->'request'->'extensions', '[]')) AS name \gset
SELECT json_strip_nulls(json_build_object('name', :'id', 'user', :'login', 'ca', nullif(:'ca', '') || E'\n',
  'sslmode', coalesce(nullif(:'sslmode', ''), CASE
    WHEN NOT current_setting('ssl')::bool THEN 'disable'
    WHEN (:'input'::json->'request'->>'verify')::bool THEN 'verify-full' ELSE 'require' END))) AS outputs \gset
\connect :"id"
:extensions
\echo :outputs
SQL
