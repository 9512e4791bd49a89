# The database of one consumer on stdout, without owners and rights: they are another's where it is restored.
set -eu
input=$(cat)
id=$(psql -qAtX -v ON_ERROR_STOP=1 -U "${PGUSER:-postgres}" -d "${PGDATABASE:-postgres}" 3<<INPUT <<'SQL'
$input
INPUT
\set input `cat <&3`
SET search_path = pg_catalog;
SELECT :'input'::json->'consumer'->>'id';
SQL
)
# Comments are left out because an extension has one that only its owner may write, and that is the server.
exec pg_dump -U "${PGUSER:-postgres}" -Fc --no-owner --no-acl --no-comments "$id"
