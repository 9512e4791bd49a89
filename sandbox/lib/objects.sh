# shellcheck shell=bash
# What `up` makes in the cluster, from manifests/.

make_objects() {
  local f
  rm -rf "$STATE/manifests"
  cp -r "$HERE/manifests" "$STATE/manifests"
  while read -r f; do
    sed -i -e "s|@STATE@|$STATE|g" -e "s|@MAIN@|$MAIN|g" -e "s|@BUSYBOX_IMAGE@|$BUSYBOX_IMAGE|g" \
      -e "s|@CA@|$(base64 -w0 "$PKI/ca.crt")|g" "$f"
  done < <(grep -rl @ "$STATE/manifests")
  in_net 1 "$PROGRAMS/kubectl" --kubeconfig "$KUBECONFIG_ADMIN" apply --server-side --kustomize "$STATE/manifests"
}
