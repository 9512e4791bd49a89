# shellcheck shell=bash
# Layers of images: Debian, what is installed on top of it, and single programs.

readonly DEBIAN=bookworm
readonly DEBIAN_MIRROR=${BERTH_SANDBOX_DEBIAN_MIRROR:-http://deb.debian.org/debian}

layer_key() { # layer
  case $1 in
    busybox) dpkg-query -Wf '${Version}' busybox-static ;;
    debian) echo "$DEBIAN" && recipe_hash debian ;;
    *)
      if is_program "$1"; then
        echo "$(program_path "$1")" && program_folder "$1"
      else
        recipe_hash debian && recipe_hash "$1"
      fi
      ;;
  esac | sha256sum | cut -c1-12
}

is_program() { [ -f "$HERE/go/$1/go.mod" ]; }

# program_path LAYER: where the public image has the program.
program_path() {
  case $1 in
    grpcurl | maddy) echo bin ;;
    miniflux-*) echo usr/bin ;;
    *) echo usr/local/bin ;;
  esac
}

recipe_hash() { (cd "$HERE/images/$1" && find . -type f ! -name image.json -printf '%m %p\n' -exec sha256sum {} + | sort | sha256sum); }

layer_folder() { echo "$CACHE/images/$1-$(layer_key "$1")"; }

build_layer() { # layer
  local folder work began
  folder=$(layer_folder "$1")
  [ ! -d "$folder" ] || return 0
  began=$(now)
  printf '%-60s' "image layer: $1 …"
  work=$(mktemp -d "$CACHE/images/.unfinished-XXXXXX")
  mkdir "$work/layer" "$work/root"
  # In the background, for `set -e` means nothing in a condition.
  make_layer "$1" "$work" > "$CACHE/images/build.log" 2>&1 &
  if ! wait $!; then
    echo
    tail -n 20 "$CACHE/images/build.log" >&2
    fail "the layer $1 cannot be made" "all of it: $CACHE/images/build.log"
  fi
  mv -T "$work/layer" "$folder"
  rm -rf --one-file-system "$work"
  say "$(since "$began")"
}

make_layer() { # layer, folder: from $2/root, or what is above it, to $2/layer
  local root=$2/root
  case $1 in
    busybox)
      mkdir -p "$root"/{bin,etc,root,home,tmp,var}
      cp -L /bin/busybox "$root/bin/busybox"
      local applet
      while read -r applet; do ln -s busybox "$root/bin/$applet"; done < <(busybox --list | grep -vx busybox)
      add_users "$root"
      ;;
    debian)
      debootstrap --variant=minbase "$DEBIAN" "$root" "$DEBIAN_MIRROR"
      install_recipe debian "$root"
      ;;
    *)
      if is_program "$1"; then
        mkdir -p "$root"/{etc,tmp} "$root/$(program_path "$1")"
        cp "$(program_folder "$1")"/* "$root/$(program_path "$1")"
        add_users "$root"
        pack_layer "$root" "$2/layer"
        return
      fi
      mkdir "$2/base" "$2/upper" "$2/work"
      zstd -qdc "$(layer_folder debian)/layer.tar.zst" | tar -xC "$2/base" --numeric-owner
      install_above "$1" "$2"
      root=$2/upper
      ;;
  esac
  pack_layer "$root" "$2/layer"
}

add_users() { # root
  chmod 1777 "$1/tmp"
  printf 'root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\n' > "$1/etc/passwd"
  printf 'root:x:0:\nnogroup:x:65534:\n' > "$1/etc/group"
}

# install_recipe RECIPE ROOT: its files, and its install.sh inside. In a namespace, so that nothing stays mounted and
# no process alive whatever happens.
install_recipe() {
  unshare --mount --propagation private --pid --fork --kill-child bash -euc '
    recipe=$1 root=$2
    [ ! -d "$recipe/files" ] || cp -r --preserve=mode "$recipe/files/." "$root/"
    cp "$recipe/install.sh" "$root/install.sh"
    cp /etc/resolv.conf "$root/etc/resolv.conf"
    mount -t proc proc "$root/proc"
    env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 DEBIAN_FRONTEND=noninteractive ${http_proxy:+http_proxy="$http_proxy"} \
      chroot "$root" sh -eux /install.sh
    rm "$root/install.sh" "$root/etc/resolv.conf"
  ' - "$HERE/images/$1" "$2"
}

# install_above RECIPE FOLDER: the same on top of $2/base, such that $2/upper has what is new.
install_above() {
  export -f install_recipe
  env HERE="$HERE" unshare --mount --propagation private bash -euc '
    mount -t overlay overlay -o "lowerdir=$2/base,upperdir=$2/upper,workdir=$2/work" "$2/root"
    install_recipe "$1" "$2/root"
  ' - "$1" "$2"
  # What overlayfs marks as deleted with a device 0:0, a layer marks with a name.
  local f
  while read -r f; do
    rm "$f"
    : > "${f%/*}/.wh.${f##*/}"
  done < <(find "$2/upper" -type c)
}

pack_layer() { # root, folder
  tar -C "$1" --numeric-owner --sort=name --mtime=@0 -cf "$2/layer.tar" .
  echo "sha256:$(sha256sum < "$2/layer.tar" | cut -d' ' -f1)" > "$2/diff-id"
  zstd -q -6 -T0 --rm "$2/layer.tar"
}
