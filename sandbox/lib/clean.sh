# shellcheck shell=bash
# Taking everything away, whatever state it is in: the same for a sandbox in health and for what a killed one left.
# What the cluster holds is not kept, so nothing needs to end gently.

# A file that says: this folder is a sandbox's, and may be emptied.
readonly MARK=$STATE/.berth-sandbox

# claim_state: makes the folder ours, or refuses one that holds something else.
claim_state() {
  # Configurations and /proc/mounts take no odd characters, and a socket's path ends at 108 bytes.
  if ! [[ $STATE =~ ^/[A-Za-z0-9._/-]{1,59}$ ]]; then
    fail "$STATE cannot be the sandbox's folder" 'it must be an absolute path of letters and digits, shorter than 60'
  fi
  if [ -d "$STATE" ] && [ ! -f "$MARK" ] && [ -n "$(ls -A "$STATE")" ]; then
    fail "$STATE is not empty, and not a sandbox's" 'choose another folder in BERTH_SANDBOX_DIR'
  fi
  mkdir -p "$STATE"
  : > "$MARK"
}

mounts_of_state() {
  local point
  while read -r _ point _; do
    case $point in "$STATE"/*) echo "$point" ;; esac
  done < /proc/mounts
}

unmount_state() {
  local points
  mapfile -t points < <(mounts_of_state | sort -r)
  [ ${#points[@]} = 0 ] || umount --lazy "${points[@]}" 2> /dev/null || true
}

clean() {
  local point
  kill_cgroup || true
  remove_cgroups
  if [ -f "$MARK" ]; then
    unmount_state
    if [ -f "$STATE/mountpoints" ]; then
      while read -r point; do rmdir --ignore-fail-on-non-empty "$point" 2> /dev/null || true; done < "$STATE/mountpoints"
    fi
    # The logs stay until the next start, for whoever wonders.
    find "$STATE" -mindepth 1 -maxdepth 1 ! -name log ! -path "$MARK" -exec rm -rf --one-file-system {} +
  fi
  rm -f "$LOCATION"
}

# networks: the identities of the nodes' network namespaces, to be asked for after they should have gone.
networks() {
  local n
  for n in "${NODES[@]}"; do stat -c %i "$(netns "$n")" 2> /dev/null || true; done
}

# leftovers NETWORK…: what is still there, one line each.
leftovers() {
  local pid net link
  for pid in $(cgroup_pids); do echo "process $(describe "$pid")"; done
  for pid in /proc/[0-9]*; do
    pid=${pid#/proc/}
    case $(command_line "$pid") in
      "$PROGRAMS"/*) echo "process outside the sandbox's cgroup: $(describe "$pid")" ;;
    esac
    link=$(readlink "/proc/$pid/ns/net" 2> /dev/null || true)
    for net in "$@"; do
      [ "$link" != "net:[$net]" ] || echo "network namespace, kept by $(describe "$pid")"
    done
  done
  mounts_of_state | sed 's/^/mount /'
  cgroup_folders | sed 's/^/cgroup /'
  if [ -f "$MARK" ]; then
    find "$STATE" -mindepth 1 -maxdepth 1 ! -name log ! -path "$MARK" -printf 'folder %p\n'
  fi
}

describe() { echo "$1: $(command_line "$1")"; }
command_line() { { tr '\0' ' ' < "/proc/$1/cmdline"; } 2> /dev/null || true; }
