# Reads one line of JSON and then what dump.sh wrote, into the fresh database of one consumer; as its user, who can do no harm elsewhere.
set -eu
IFS= read -r input
account=$(psql -qAtX -F ' ' -v ON_ERROR_STOP=1 -U "${PGUSER:-postgres}" -d "${PGDATABASE:-postgres}" 3<<INPUT <<'SQL'
$input
INPUT
\set input `cat <&3`
SET search_path = pg_catalog;
SELECT coalesce(input->'outputs'->>'user', input->'consumer'->>'id'), input->'consumer'->>'id', input->'secrets'->>'password'
FROM (SELECT :'input'::json AS input) AS given;
SQL
)
# shellcheck disable=SC2086 # three words without spaces
set -- $account
PGPASSWORD=$3 pg_restore -h "${PGHOST:-127.0.0.1}" -U "$1" --no-owner --no-acl --exit-on-error -d "$2"
echo '{}'
