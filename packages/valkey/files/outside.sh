# Whom nothing was said of is the user of a server that has one password for all.
REDISCLI_USER=${REDISCLI_USER:-default}
# At a service outside that is said to speak TLS, the client of the script does.
if [ "${SERVICE_TLS-}" = true ] || [ -f "$SERVICE_CA" ]; then
  TLS_ARGS=--tls
  if [ -f "$SERVICE_CA" ]; then TLS_ARGS="--tls --cacert $SERVICE_CA"; fi
fi
