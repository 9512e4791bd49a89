# Reads one line of JSON and then what dump.sh wrote, into the fresh bucket of one consumer. What the bucket itself is (its owner, who
# may use it) stays as ensure.sh made it.
set -eu
IFS= read -r input
id=$(printf %s "$input" | awk -v at=consumer.id -f /scripts/json.awk | tr -d '"')
bucket=$(echo "$id" | tr _ -)
umask 077
folder=/data/restore.$bucket
rm -rf "$folder"
mkdir "$folder"
trap 'rm -rf "$folder"' EXIT
tar -x -C "$folder" -f -
# A link would lead out of the bucket.
[ -z "$(find "$folder" ! -type f ! -type d)" ] || { echo 'there is something other than files and folders in it' >&2 && exit 1; }
rm -rf "$folder/meta/meta"
cp -a "$folder/objects/." "/data/buckets/$bucket/"
cp -a "$folder/meta/." "/data/meta/$bucket/"
echo '{}'
