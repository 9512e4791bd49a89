# shellcheck shell=bash
# The images: layers from recipes in images/, put together and pushed into a registry folder, which each `up` copies.
# Layers and the folder are cached under names that hash whatever decides their content.

# The recipe (its configuration is images/RECIPE/image.json), the public name, the layers from the bottom.
readonly IMAGES=(
  "busybox $BUSYBOX_IMAGE busybox"
  "busybox ${BUSYBOX_IMAGE%:*}:latest busybox"
  "pause $PAUSE_IMAGE busybox"
  "postgres docker.io/library/postgres:15 debian postgres"
  "nginx docker.io/library/nginx:1.22 debian nginx"
  "mariadb docker.io/library/mariadb:10.11 debian mariadb"
  "valkey docker.io/valkey/valkey:8.0 debian valkey"
  "versitygw docker.io/versity/versitygw:v1.8.0 busybox versitygw"
  "maddy docker.io/foxcpp/maddy:0.8.1 busybox maddy"
  "dex docker.io/dexidp/dex:v2.45.1-alpine busybox dex"
  "grpcurl docker.io/fullstorydev/grpcurl:v1.9.3-alpine busybox grpcurl"
  "miniflux docker.io/miniflux/miniflux:2.0.51 miniflux-2.0.51"
  "miniflux docker.io/miniflux/miniflux:2.2.0 miniflux-2.2.0"
  "miniflux docker.io/miniflux/miniflux:2.2.13 miniflux-2.2.13"
)

seed_key() {
  {
    printf '%s\n' "${IMAGES[@]}"
    local i words l
    for i in "${IMAGES[@]}"; do
      read -ra words <<< "$i"
      cat "$HERE/images/${words[0]}/image.json"
      for l in "${words[@]:2}"; do layer_key "$l"; done
    done
  } | sha256sum | cut -c1-12
}

seed_folder() { echo "$CACHE/images/registry-$(seed_key)"; }

images_built() { [ -d "$(seed_folder)" ]; }

# seed_registry: the sandbox's registry begins with these images. A copy, because tests push and delete.
seed_registry() {
  rm -rf "$STATE/registry"
  cp -a --reflink=auto "$(seed_folder)" "$STATE/registry"
}

# add_images: those that the running sandbox's registry does not have. What it has stays, for it may be a test's.
add_images() { cp -a --no-clobber --reflink=auto "$(seed_folder)/." "$STATE/registry/"; }

build_images() {
  images_built && return
  mkdir -p "$CACHE/images"
  rm -rf --one-file-system "$CACHE"/images/.unfinished-*
  local i words l began
  for i in "${IMAGES[@]}"; do
    read -ra words <<< "$i"
    for l in "${words[@]:2}"; do build_layer "$l"; done
  done

  began=$(now)
  printf '%-60s' 'pushing the images …'
  local work
  work=$(mktemp -d "$CACHE/images/.unfinished-XXXXXX")
  chmod 755 "$work"
  lay_out_images "$work/oci"
  if ! push_images "$work/oci" "$work/registry" > "$CACHE/images/push.log" 2>&1; then
    echo
    tail -n 20 "$CACHE/images/push.log" >&2
    fail 'the images cannot be pushed'
  fi
  mv -T "$work/registry" "$(seed_folder)"
  rm -rf "$work"
  say "$(since "$began")"
}

# lay_out_images FOLDER: an OCI image layout of all images.
lay_out_images() {
  local out=$1 i words manifests=''
  mkdir -p "$out/blobs/sha256"
  echo '{"imageLayoutVersion": "1.0.0"}' > "$out/oci-layout"
  for i in "${IMAGES[@]}"; do
    read -ra words <<< "$i"
    manifests+=$(lay_out_image "$out" "${words[@]}")$'\n'
  done
  jq -s '{schemaVersion: 2, manifests: .}' <<< "$manifests" > "$out/index.json"
}

lay_out_image() { # folder, recipe, name, layer…
  local out=$1 recipe=$2 name=$3 l folder layers='' diffs='' config manifest
  shift 3
  for l in "$@"; do
    folder=$(layer_folder "$l")
    layers+=$(put_blob "$out" "$folder/layer.tar.zst" application/vnd.oci.image.layer.v1.tar+zstd)
    diffs+=$(jq -n --arg d "$(< "$folder/diff-id")" '$d')
  done
  jq --arg arch "$(dpkg --print-architecture)" --argjson diffs "$(jq -s . <<< "$diffs")" \
    '{created: "1970-01-01T00:00:00Z", architecture: $arch, os: "linux", config: ., rootfs: {type: "layers", diff_ids: $diffs}}' \
    "$HERE/images/$recipe/image.json" > "$out/config"
  config=$(put_blob "$out" "$out/config" application/vnd.oci.image.config.v1+json)
  jq -n --argjson config "$config" --argjson layers "$(jq -s . <<< "$layers")" \
    '{schemaVersion: 2, mediaType: "application/vnd.oci.image.manifest.v1+json", $config, $layers}' > "$out/manifest"
  manifest=$(put_blob "$out" "$out/manifest" application/vnd.oci.image.manifest.v1+json)
  rm "$out/config" "$out/manifest"
  jq --arg name "$name" '.annotations = {"org.opencontainers.image.ref.name": $name}' <<< "$manifest"
}

put_blob() { # folder, file, media type; prints its descriptor
  local digest
  digest=$(sha256sum < "$2" | cut -d' ' -f1)
  cp "$2" "$1/blobs/sha256/$digest"
  jq -n --arg type "$3" --arg digest "sha256:$digest" --argjson size "$(stat -c %s "$2")" '{mediaType: $type, $digest, $size}'
}

# push_images LAYOUT FOLDER: through a registry in a network of its own, which ends with this.
push_images() {
  local names
  names=$(printf '%s\n' "${IMAGES[@]}" | cut -d' ' -f2)
  unshare --net --pid --fork --kill-child --mount-proc bash -euc '
    registry=$1 layout=$2 folder=$3 names=$4
    ip link set lo up
    export OTEL_TRACES_EXPORTER=none
    "$registry" serve <(printf "version: 0.1\nstorage: {filesystem: {rootdirectory: %s}}\nhttp: {addr: 127.0.0.1:5000}\n" "$folder") &
    for _ in {1..100}; do ! curl -sf --noproxy "*" -o /dev/null http://127.0.0.1:5000/v2/ || break; sleep 0.1; done
    unset http_proxy https_proxy HTTP_PROXY HTTPS_PROXY
    for name in $names; do
      # As they are: skopeo would pack the layers anew.
      skopeo --insecure-policy copy --preserve-digests --dest-tls-verify=false \
        "oci:$layout:$name" "docker://127.0.0.1:5000/${name#*/}"
    done
  ' - "$(program_folder registry)/registry" "$1" "$2" "$names"
}
