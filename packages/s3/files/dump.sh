# The objects of one consumer and what is known of them, as a tar on stdout.
set -eu
input=$(cat)
id=$(printf %s "$input" | awk -v at=consumer.id -f /scripts/json.awk | tr -d '"')
bucket=$(echo "$id" | tr _ -)
cd /data
# Paths without the name of the bucket: it is another where they are restored.
mkdir "/tmp/dump.$$"
trap 'rm -rf "/tmp/dump.$$"' EXIT
ln -s "/data/buckets/$bucket" "/tmp/dump.$$/objects"
ln -s "/data/meta/$bucket" "/tmp/dump.$$/meta"
tar -c -C "/tmp/dump.$$" -f - objects/. meta/.
