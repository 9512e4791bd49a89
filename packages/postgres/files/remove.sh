# Drops the database and the user of one consumer; repeating it changes nothing.
set -eu
input=$(cat)
psql -qAtX -v ON_ERROR_STOP=1 -U "${PGUSER:-postgres}" -d "${PGDATABASE:-postgres}" 3<<INPUT <<'SQL'
$input
INPUT
\set input `cat <&3`
SET search_path = pg_catalog;
SET client_min_messages = warning;
SELECT :'input'::json->'consumer'->>'id' AS id \gset
SELECT format('DROP DATABASE IF EXISTS %I WITH (FORCE)', :'id') \gexec
SELECT format('DROP ROLE IF EXISTS %I', :'id' || '_2') \gexec
SELECT format('DROP ROLE IF EXISTS %I', :'id') \gexec
SELECT '{}';
SQL
