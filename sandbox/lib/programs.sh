# shellcheck shell=bash
# The programs: Go modules in go/NAME, built into a cache folder each, which is named after everything that decides its content. What is made of
# Kubernetes' libraries is one module: so they are compiled once. A second checkout finds them there; a changed go.mod builds only its own again.

# Built for no command but `build kwok`: fake nodes and pods, for tests of scale.
readonly OPTIONAL_PROGRAMS=(kwok)

# Those that are only in images, and not run by the sandbox itself.
readonly IMAGE_PROGRAMS=(dex grpcurl maddy miniflux-2.0.51 miniflux-2.2.0 miniflux-2.2.13)

readonly GO=(env GOWORK=off GOTOOLCHAIN=local GOFLAGS= go)
readonly GO_BUILD=(-mod=readonly -buildvcs=false -trimpath)

program_groups() {
  local d
  for d in "$HERE"/go/*/; do
    d=${d%/}
    [[ " ${OPTIONAL_PROGRAMS[*]} " == *" ${d##*/} "* ]] || echo "${d##*/}"
  done
}

module_version() { # group, module
  awk -v m="$2" '$1 == "require" {sub("require ", "")} $1 == m {print $2; exit}' "$HERE/go/$1/go.mod"
}

# ld_flags GROUP: what the linker writes into it; without a version, Kubernetes says v0.0.0 and the clients that ask
# it what it can do are misled.
ld_flags() {
  local v flags='-s -w'
  case $1 in
    kubernetes)
      v=$(module_version "$1" k8s.io/kubernetes)
      local minor=${v#v1.}
      flags+=" -X k8s.io/component-base/version.gitVersion=$v -X k8s.io/component-base/version.gitMajor=1"
      flags+=" -X k8s.io/component-base/version.gitMinor=${minor%%.*}"
      ;;
    dex) flags+=' -extldflags=-static -X main.version=v2.45.1' ;; # the tag of the commit in go.mod; the proxy has no v2 of it
    grpcurl) flags+=" -X main.version=$(module_version "$1" github.com/fullstorydev/grpcurl)" ;;
    maddy) flags+=" -extldflags=-static -X github.com/foxcpp/maddy.Version=$(module_version "$1" github.com/foxcpp/maddy)" ;;
    miniflux-*) flags+=" -X miniflux.app/v2/internal/version.Version=${1#miniflux-}" ;;
  esac
  echo "$flags"
}

# Those that go into an image without a C library. Two have SQLite in them, which is C, and are linked with all of it.
group_env() {
  case $1 in
    dex | maddy) echo CGO_ENABLED=1 ;;
    grpcurl | miniflux-* | versitygw) echo CGO_ENABLED=0 ;;
  esac
}

group_tags() {
  case $1 in
    dex | maddy) echo netgo,osusergo,sqlite_omit_load_extension ;;
  esac
}

program_folder() { # group
  local key
  key=$({ cat "$HERE/go/$1"/go.* && find "$HERE/go/$1" -name '*.go' -print0 | sort -z | xargs -0r cat && ld_flags "$1" && group_env "$1" && group_tags "$1" && echo "${GO_BUILD[@]}"; } | sha256sum)
  echo "$CACHE/bin/$1-${key:0:12}"
}

# tools GROUP: its packages, one a line.
tools() { (cd "$HERE/go/$1" && "${GO[@]}" mod edit -json | jq -r '.Tool[].Path'); }

# program_name GROUP PACKAGE: the last word of the path that is not a major version.
program_name() {
  local name=${2##*/}
  if [[ $name =~ ^v[0-9]+$ ]]; then echo "${1%%-*}"; else echo "$name"; fi
}

missing_programs() { # group…
  local g
  for g in "$@"; do [ -d "$(program_folder "$g")" ] || echo "$g"; done
}

build_programs() { # group…
  local missing g p total=0 n=0
  mapfile -t missing < <(missing_programs "$@")
  [ ${#missing[@]} -gt 0 ] || return 0
  command -v go > /dev/null || fail 'there is no `go` to build the programs with' 'install Go 1.26 or later: https://go.dev/dl'
  for g in "${missing[@]}"; do total=$((total + $(tools "$g" | wc -l))); done

  mkdir -p "$CACHE/bin"
  rm -rf "$CACHE"/bin/.unfinished-* # of a build that was killed
  for g in "${missing[@]}"; do
    local folder unfinished began
    folder=$(program_folder "$g")
    unfinished=$(mktemp -d "$CACHE/bin/.unfinished-XXXXXX")
    chmod 755 "$unfinished"
    while read -r p; do
      n=$((n + 1))
      began=$(now)
      printf '%-60s' "program $n/$total: $(program_name "$g" "$p"), of $g …"
      (
        cd "$HERE/go/$g"
        # shellcheck disable=SC2046 # none, or one assignment
        env $(group_env "$g") "${GO[@]}" build "${GO_BUILD[@]}" -tags "$(group_tags "$g")" -ldflags "$(ld_flags "$g")" \
          -o "$unfinished/$(program_name "$g" "$p")" "$p"
      ) 2> "$CACHE/bin/build.log" || {
        echo
        grep -v '^go: downloading' "$CACHE/bin/build.log" | tail -n 20 >&2
        fail "$(program_name "$g" "$p") does not build" "its module is $HERE/go/$g"
      }
      since "$began"
      echo
    done < <(tools "$g")
    [ "$g" != kubernetes ] || copy_definitions "$g" github.com/cert-manager/cert-manager "$unfinished/cert-manager-crds"
    # In one step: a build that is killed leaves no half of a folder.
    mv -T "$unfinished" "$folder"
  done
}

# copy_definitions GROUP MODULE FOLDER: the kinds that a module's program works on; those of ACME it does not have.
copy_definitions() {
  local from
  from=$(cd "$HERE/go/$1" && "${GO[@]}" list -m -f '{{.Dir}}' "$2")
  mkdir "$3"
  cp "$from"/deploy/crds/cert-manager.io_*.yaml "$3"
}

# link_programs: one folder of all, for the components and for PATH.
link_programs() {
  local g
  rm -rf "$PROGRAMS"
  mkdir -p "$PROGRAMS"
  while read -r g; do
    [[ " ${IMAGE_PROGRAMS[*]} " == *" $g "* ]] || ln -s "$(program_folder "$g")"/* "$PROGRAMS/"
  done < <(program_groups)
  for g in "${OPTIONAL_PROGRAMS[@]}"; do
    if [ -d "$(program_folder "$g")" ]; then ln -s "$(program_folder "$g")"/* "$PROGRAMS/"; fi
  done
}
