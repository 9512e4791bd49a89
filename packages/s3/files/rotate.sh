# Makes the consumer's other access key. The present one (outputs.accessKey) stays good until `ensure` runs with what this prints.
# Repeating it changes nothing.
set -eu
input=$(cat)
. /scripts/accounts.sh
id=$(json consumer.id)
bucket=$(bucket_of "$id")
case $(json outputs.accessKey "$id") in
  "$id") access=$id-2 ;;
  *) access=$id ;;
esac
set_account "$access" "$(json secrets.secretKey)"
write_accounts
open_bucket "$bucket" "$id" "$id-2"
echo "{\"bucket\": \"$bucket\", \"accessKey\": \"$access\", \"region\": \"$REGION\"}"
