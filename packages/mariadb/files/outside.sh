# At a service outside that is said to speak TLS, every client of the script does: by its own file of options.
if [ "${SERVICE_TLS-}" = true ] || [ -f "$SERVICE_CA" ]; then
  export HOME=/tmp
  {
    printf '[client]\nssl-verify-server-cert\n'
    if [ -f "$SERVICE_CA" ]; then echo "ssl-ca=$SERVICE_CA"; fi
  } > /tmp/.my.cnf
fi
