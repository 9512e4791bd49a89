# Drops a person's login; what it made belongs to the owner of the database then. Repeating it changes nothing.
set -eu
input=$(cat)
psql -qAtX -v ON_ERROR_STOP=1 -U "${PGUSER:-postgres}" -d "${PGDATABASE:-postgres}" 3<<INPUT <<'SQL'
$input
INPUT
\set input `cat <&3`
SET search_path = pg_catalog;
SET client_min_messages = warning;
SELECT :'input'::json->'consumer'->>'id' AS id, :'input'::json->'request'->>'database' AS db \gset
SELECT format('DO $do$ BEGIN RAISE EXCEPTION USING MESSAGE = %L; END $do$', :'id' || ' governs the server')
FROM pg_roles WHERE rolname = :'id' AND (rolsuper OR rolcreaterole OR rolcreatedb OR rolreplication OR oid < 16384) \gexec
SELECT format('ALTER ROLE %I NOLOGIN', :'id') FROM pg_roles WHERE rolname = :'id' \gexec
SELECT count(pg_terminate_backend(pid)) AS ended FROM pg_stat_activity WHERE usename = :'id' \gset
SELECT EXISTS (SELECT FROM pg_database WHERE datname = :'db') AND EXISTS (SELECT FROM pg_roles WHERE rolname = :'id') AS there \gset
\if :there
SELECT pg_get_userbyid(datdba) AS owner FROM pg_database WHERE datname = :'db' \gset
\connect :"db"
SET client_min_messages = warning;
REASSIGN OWNED BY :"id" TO :"owner";
DROP OWNED BY :"id";
\endif
DROP ROLE IF EXISTS :"id";
SELECT '{}';
SQL
