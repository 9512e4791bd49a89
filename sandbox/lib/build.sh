# shellcheck shell=bash
# `build`: everything that `up` needs, into the cache.

sandbox_build() {
  lock "$CACHE/lock"
  local began
  began=$(now)
  install_packages
  if [ $# -gt 0 ]; then
    local g
    for g in "$@"; do [ -f "$HERE/go/$g/go.mod" ] || fail "there is no program module $g" "$HERE/go"; done
    build_programs "$@"
  else
    local groups
    mapfile -t groups < <(program_groups)
    build_programs "${groups[@]}"
    build_images
  fi
  say "built in $(since "$began"), in $CACHE"
}

# build_missing: what `up` needs and the cache does not have.
build_missing() {
  local groups
  mapfile -t groups < <(program_groups)
  if [ -n "$(missing_packages)" ] || [ -n "$(missing_programs "${groups[@]}")" ] || ! images_built; then
    (sandbox_build)
  fi
}
