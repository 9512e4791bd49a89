# Every bucket there is, with its size and the access keys of those that its policy lets in. Which are berth's, berth knows by their names.
set -eu
cd /data/buckets
separator=''
printf '{"items": ['
for bucket in *; do
  [ -d "$bucket" ] || continue
  users=$(sed -n 's/.*"Principal": {"AWS": \(\[[^]]*\]\)}.*/\1/p' "/data/meta/$bucket/meta/policy" 2> /dev/null | head -n 1)
  bytes=$(($(du -sk "$bucket" | cut -f 1) * 1024))
  printf '%s{"name": "%s", "users": %s, "bytes": %s}' "$separator" "$bucket" "${users:-[]}" "$bytes"
  separator=', '
done
echo ']}'
