# Accounts and buckets, for the scripts of the grant. The gateway's own commands take the secret key of a new account as an argument,
# which others in the pod could read; so its accounts are written where it reads them: a file a secret key, and users.json of all.
umask 077
cd /data/accounts

# json PATH [DEFAULT]: a string of the input.
json() { printf %s "$input" | awk -v "at=$1" -f /scripts/json.awk | sed 's/^"//; s/"$//' | grep . || echo "${2:-}"; }

# set_account ACCESS SECRET
set_account() {
  case $1$2 in
    *[!A-Za-z0-9_-]*) echo 'an access key and its secret are letters and digits' >&2 && exit 1 ;;
  esac
  printf %s "$2" > "$1.key"
}

# Again where another consumer's script has changed something meanwhile: the last one to write has seen all.
write_accounts() {
  local seen=none
  until [ "$seen" = "$(sha256sum ./*.key 2> /dev/null)" ]; do
    seen=$(sha256sum ./*.key 2> /dev/null) || true
    print_accounts > "users.json.$$"
    mv "users.json.$$" users.json
  done
}

print_accounts() {
  local separator='' file access
  printf '{"accessAccounts": {'
  for file in *.key; do
    [ -f "$file" ] || continue
    access=${file%.key}
    printf '%s"%s": {"access": "%s", "secret": "%s", "role": "user"}' "$separator" "$access" "$access" "$(cat "$file")"
    separator=', '
  done
  printf '}}'
}

# Buckets have names as hosts have.
bucket_of() { echo "$1" | tr _ -; }

# open_bucket BUCKET ACCESS…: belongs to the administrator; these may use it, and not open it to others.
open_bucket() {
  local bucket=$1 names
  shift
  if [ ! -d "/data/buckets/$bucket" ]; then
    ADMIN_ACCESS_KEY=$ROOT_ACCESS_KEY ADMIN_SECRET_KEY=$ROOT_SECRET_KEY ADMIN_REGION=$REGION \
      versitygw admin --endpoint-url http://127.0.0.1:7070 create-bucket --owner "$ROOT_ACCESS_KEY" --bucket "$bucket" >&2
  fi
  names=$(printf '"%s"\n' "$@" | paste -sd ,)
  cat > "/data/meta/$bucket/meta/policy.new" <<POLICY
{"Version": "2012-10-17", "Statement": [
  {"Effect": "Allow", "Principal": {"AWS": [$names]}, "Resource": "arn:aws:s3:::$bucket", "Action": ["s3:ListBucket",
    "s3:ListBucketVersions", "s3:ListBucketMultipartUploads", "s3:GetBucketLocation", "s3:GetBucketVersioning"]},
  {"Effect": "Allow", "Principal": {"AWS": [$names]}, "Resource": "arn:aws:s3:::$bucket/*", "Action": ["s3:GetObject", "s3:PutObject",
    "s3:DeleteObject", "s3:GetObjectVersion", "s3:DeleteObjectVersion", "s3:GetObjectAttributes", "s3:GetObjectTagging",
    "s3:PutObjectTagging", "s3:DeleteObjectTagging", "s3:AbortMultipartUpload", "s3:ListMultipartUploadParts"]}]}
POLICY
  mv "/data/meta/$bucket/meta/policy.new" "/data/meta/$bucket/meta/policy"
}
