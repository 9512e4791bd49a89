# Makes a person's login to one database, or brings it to what is asked: {consumer: {id}, request: {database, access}, secrets}. JSON on
# stdin, JSON on stdout; repeating it changes nothing. The password stays out of arguments, the environment and the server's log.
#
# read: SELECT; write: INSERT, UPDATE and DELETE, too; owner: what the owner may. Tables that the owner makes later are included.
set -eu
input=$(cat)
psql -qAtX -v ON_ERROR_STOP=1 -U "${PGUSER:-postgres}" -d "${PGDATABASE:-postgres}" 3<<INPUT <<'SQL'
$input
INPUT
\set input `cat <&3`
SET search_path = pg_catalog;
SELECT setting FROM unnest(ARRAY['SET log_min_error_statement = panic', 'SET log_statement = ''none''']) AS setting
WHERE current_setting('is_superuser') = 'on' \gexec
SET client_min_messages = warning;
SELECT :'input'::json->'consumer'->>'id' AS id, :'input'::json->'request'->>'database' AS db,
  :'input'::json->'request'->>'access' AS access, :'input'::json->'secrets'->>'password' AS password \gset
SELECT format('DO $do$ BEGIN RAISE EXCEPTION USING MESSAGE = %L; END $do$', problem) FROM (
  SELECT 'there is no database ' || :'db' AS problem WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = :'db')
  UNION ALL SELECT :'id' || ' governs the server' FROM pg_roles
    WHERE rolname = :'id' AND (rolsuper OR rolcreaterole OR rolcreatedb OR rolreplication OR oid < 16384)
  UNION ALL SELECT :'db' || ' belongs to an administrator: an owner of it would be one, too' FROM pg_database JOIN pg_roles ON pg_roles.oid = datdba
    WHERE datname = :'db' AND (rolsuper OR rolcreaterole) AND :'access' = 'owner'
) AS problems \gexec
SELECT pg_get_userbyid(datdba) AS owner FROM pg_database WHERE datname = :'db' \gset
SELECT format('CREATE ROLE %I', :'id') WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = :'id') \gexec
SELECT format('ALTER ROLE %I LOGIN PASSWORD %L', :'id', :'password') \gexec
SELECT format('GRANT %I TO CURRENT_USER', :'id') WHERE NOT pg_has_role(:'id', 'USAGE') \gexec
\connect :"db"
-- Whoever owns the database says what a function is in there, and we come as a superuser.
SET search_path = pg_catalog;
SET client_min_messages = warning;
BEGIN;
REASSIGN OWNED BY :"id" TO :"owner";
DROP OWNED BY :"id";
SELECT format('REVOKE %I FROM %I', :'owner', :'id') WHERE pg_has_role(:'id', :'owner', 'MEMBER') AND :'access' <> 'owner' \gexec
ALTER ROLE :"id" IN DATABASE :"db" RESET role;
GRANT CONNECT ON DATABASE :"db" TO :"id";
SELECT format(grants, :'owner', :'id') FROM unnest(CASE :'access' WHEN 'owner' THEN ARRAY[
    'GRANT %1$I TO %2$I', 'ALTER ROLE %2$I IN DATABASE ' || quote_ident(:'db') || ' SET role = %1$L'
  ] ELSE ARRAY['ALTER DEFAULT PRIVILEGES FOR ROLE %1$I GRANT USAGE ON SCHEMAS TO %2$I'] END) AS grants \gexec
SELECT format(grants, :'owner', :'id', nspname, rights, sequences)
FROM (VALUES ('read', 'SELECT', 'SELECT'), ('write', 'SELECT, INSERT, UPDATE, DELETE', 'SELECT, USAGE')) AS levels (level, rights, sequences),
  pg_namespace,
  unnest(ARRAY[
    'GRANT USAGE ON SCHEMA %3$I TO %2$I',
    'GRANT %4$s ON ALL TABLES IN SCHEMA %3$I TO %2$I',
    'GRANT %5$s ON ALL SEQUENCES IN SCHEMA %3$I TO %2$I',
    'ALTER DEFAULT PRIVILEGES FOR ROLE %1$I GRANT %4$s ON TABLES TO %2$I',
    'ALTER DEFAULT PRIVILEGES FOR ROLE %1$I GRANT %5$s ON SEQUENCES TO %2$I'
  ]) AS grants
WHERE level = :'access' AND nspname !~ '^pg_' AND nspname <> 'information_schema' \gexec
COMMIT;
SELECT '{}';
SQL
