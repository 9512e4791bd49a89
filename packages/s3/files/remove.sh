# Drops the access key and the bucket of one consumer, with all that is in it; repeating it changes nothing.
set -eu
input=$(cat)
. /scripts/accounts.sh
id=$(json consumer.id)
bucket=$(bucket_of "$id")
[ -n "$bucket" ] || exit 1
rm -f "$id.key" "$id-2.key"
write_accounts
rm -rf "/data/buckets/$bucket" "/data/meta/$bucket"
echo '{}'
