# Makes the bucket and the access key of one consumer, or brings them to what is asked. JSON on stdin, JSON on stdout; repeating it
# changes nothing, and only this access key is good afterwards.
set -eu
input=$(cat)
. /scripts/accounts.sh
id=$(json consumer.id)
bucket=$(bucket_of "$id")
# The outputs come from the consumer's namespace, and name no other's.
case $(json outputs.accessKey "$id") in
  "$id-2") access=$id-2 ;;
  *) access=$id ;;
esac
set_account "$access" "$(json secrets.secretKey)"
for other in "$id" "$id-2"; do [ "$other" = "$access" ] || rm -f "$other.key"; done
write_accounts
open_bucket "$bucket" "$access"
echo "{\"bucket\": \"$bucket\", \"accessKey\": \"$access\", \"region\": \"$REGION\"}"
