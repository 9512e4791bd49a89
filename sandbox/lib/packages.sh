# shellcheck shell=bash
# What the sandbox needs of Debian.

readonly PACKAGES=(etcd-server containerd runc containernetworking-plugins iproute2 iptables conntrack procps util-linux
  socat curl jq openssl ca-certificates busybox-static debootstrap skopeo zstd gcc libc6-dev)

missing_packages() {
  comm -23 <(printf '%s\n' "${PACKAGES[@]}" | sort) \
    <(dpkg-query -Wf '${db:Status-Abbrev} ${Package}\n' | awk '$1 == "ii" {print $2}' | sort)
}

install_packages() {
  local missing p
  missing=$(missing_packages)
  [ -n "$missing" ] || return 0
  # shellcheck disable=SC2086 # a list of words
  set -- $missing
  say "packages: $*"
  export DEBIAN_FRONTEND=noninteractive
  mkdir -p "$CACHE"
  if ! apt-get install -qy --no-install-recommends "$@" > "$CACHE/apt.log" 2>&1; then
    # Its lists may be old or missing.
    { apt-get update -q && apt-get install -qy --no-install-recommends "$@"; } >> "$CACHE/apt.log" 2>&1 || {
      tail -n 20 "$CACHE/apt.log" >&2
      fail 'Debian packages cannot be installed' "apt-get install $*"
    }
  fi
  # Debian starts what it installs; the sandbox runs its own.
  for p in "$@"; do
    case $p in
      etcd-server) stop_service etcd ;;
      containerd) stop_service containerd ;;
    esac
  done
}

stop_service() {
  if [ -d /run/systemd/system ]; then
    systemctl disable --quiet --now "$1.service" || true
  elif [ -x "/etc/init.d/$1" ]; then
    "/etc/init.d/$1" stop > /dev/null 2>&1 || true
  fi
}
