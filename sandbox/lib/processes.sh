# shellcheck shell=bash
# Components as processes: starting them, and telling whether one is alive.

# A component sees none of the caller's environment: a proxy variable or another CA bundle would change what it does.
readonly PLAIN=(env -i "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin" "HOME=/root" "LANG=C.UTF-8")

# When the process began, in clock ticks: with the pid, its identity. Empty when there is none.
start_time() { # pid
  local stat fields
  { stat=$(< "/proc/$1/stat"); } 2> /dev/null || return 0
  # The second field is the name in parentheses and may hold anything; the state is the first after it.
  read -ra fields <<< "${stat##*) }"
  [ "${fields[0]}" = Z ] || echo "${fields[19]}"
}

# launch NAME COMMAND…: starts a component in the background, with a log of its own.
launch() {
  local name=$1
  shift
  (
    [ -z "${LOCK_FD:-}" ] || exec {LOCK_FD}>&-
    enter_cgroup
    # Containers inherit it, and the usual 1024 is too few for a database.
    ulimit -Sn 65536 2> /dev/null || true
    exec setsid "$@"
  ) < /dev/null > "$LOG/$name.log" 2>&1 &
  local pid=$!
  disown "$pid"
  echo "$pid $(start_time "$pid")" > "$RUN/$name.pid"
}

# pid_of NAME: its pid while it lives; fails when it is dead, or its pid is another's by now.
pid_of() {
  local pid began
  { read -r pid began < "$RUN/$1.pid"; } 2> /dev/null || return 1
  [ -n "$began" ] && [ "$(start_time "$pid")" = "$began" ] || return 1
  echo "$pid"
}

# on_network NAME NODE COMMAND…: a component in the node's network.
on_network() {
  local name=$1 node=$2
  shift 2
  launch "$name" nsenter --net="$(netns "$node")" -- "${PLAIN[@]}" "$@"
}

# on_node NAME NODE COMMAND…: a component in the node's network and its view of the file system.
on_node() {
  local name=$1 node=$2 holder
  shift 2
  holder=$(pid_of "node$node")
  launch "$name" nsenter --target "$holder" --net --mount -- "${PLAIN[@]}" "$@"
}
