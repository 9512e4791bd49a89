# shellcheck shell=bash
# A cgroup of the sandbox's own. It makes the nodes' resource limits, and it is how the sandbox knows its processes:
# membership is inherited, survives the death of parents, and cannot be confused with a reused pid.

# Every hierarchy there is: one each controller with cgroup v1, one altogether with v2.
cgroup_hierarchies() {
  if [ -f /sys/fs/cgroup/cgroup.controllers ]; then
    echo /sys/fs/cgroup
    return
  fi
  local h
  for h in /sys/fs/cgroup/*; do
    # Links are second names (cpu → cpu,cpuacct); `unified` has no controllers of its own.
    if [ -d "$h" ] && [ ! -L "$h" ] && [ ! -f "$h/cgroup.controllers" ]; then echo "$h"; fi
  done
}

# The hierarchy whose membership is asked.
cgroup_tracked() {
  if [ -f /sys/fs/cgroup/cgroup.controllers ]; then echo /sys/fs/cgroup; else echo /sys/fs/cgroup/pids; fi
}

make_cgroup() { # folder
  mkdir -p "$1"
  local f
  # A v1 cpuset begins empty, and an empty one takes no process.
  for f in cpuset.cpus cpuset.mems; do
    if [ -f "${1%/*}/$f" ] && [ -z "$(<"$1/$f")" ]; then cat "${1%/*}/$f" > "$1/$f"; fi
  done
}

# hand_down_controllers FOLDER: with v2, a cgroup's children have the controllers that it says.
hand_down_controllers() {
  local c
  for c in $(< "$1/cgroup.controllers"); do echo "+$c" > "$1/cgroup.subtree_control" || true; done
}

make_cgroups() {
  local h n
  while read -r h; do
    [ ! -f "$h/cgroup.controllers" ] || hand_down_controllers "$h"
    make_cgroup "$h/$CGROUP"
    [ ! -f "$h/cgroup.controllers" ] || hand_down_controllers "$h/$CGROUP"
    make_cgroup "$h/$CGROUP/system"
    for n in "${NODES[@]}"; do make_cgroup "$h/$CGROUP/node$n"; done
  done < <(cgroup_hierarchies)
}

# enter_cgroup: this process, and what it becomes and starts, belongs to the sandbox.
enter_cgroup() { echo "$BASHPID" > "$(cgroup_tracked)/$CGROUP/system/cgroup.procs"; }

# cgroup_pids: every process of the sandbox, those in pods included.
cgroup_pids() {
  local top
  top=$(cgroup_tracked)/$CGROUP
  if [ -d "$top" ]; then find "$top" -name cgroup.procs -exec cat {} + 2> /dev/null || true; fi
}

# kill_cgroup: ends them all. Repeated, because a process may be starting another just now.
kill_cgroup() {
  local pids round
  for round in {1..100}; do
    mapfile -t pids < <(cgroup_pids)
    [ ${#pids[@]} -gt 0 ] || return 0
    kill -KILL "${pids[@]}" 2> /dev/null || true
    [ "$round" = 1 ] || sleep 0.05
  done
  return 1
}

# remove_cgroups: repeated, because one stays busy for a moment after its last process.
remove_cgroups() {
  local folders
  for _ in {1..20}; do
    mapfile -t folders < <(cgroup_folders)
    [ ${#folders[@]} -gt 0 ] || return 0
    find "${folders[@]}" -depth -type d -exec rmdir {} + 2> /dev/null || true
    [ -z "$(cgroup_folders)" ] || sleep 0.05
  done
}

# cgroup_folders: the sandbox's, one each hierarchy.
cgroup_folders() { find /sys/fs/cgroup -maxdepth 2 -type d -name "$CGROUP" 2> /dev/null || true; }
