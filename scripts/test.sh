#!/usr/bin/env bash
# Usage: test.sh [PRESET...]      (dev, release, clang, asan, tsan, coverage; without one: release)
# Sets up, configures, builds and tests each preset, and prints how many tests ran. Ends with 1 if any preset failed.
set -euo pipefail

top=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$top"
[ $# -gt 0 ] || set -- release
for preset in "$@"; do
  case $preset in
    dev | release | clang | asan | tsan | coverage) ;;
    *) echo "usage: test.sh [dev | release | clang | asan | tsan | coverage ...]" >&2; exit 2 ;;
  esac
done

scripts/setup.sh

# Objects of another checkout of the same sources are as good.
export CCACHE_BASEDIR=$top CCACHE_NOHASHDIR=1

# Prints `PRESET: 812 tests ran, 0 failed, 2 skipped`: GoogleTest's, counted in CTest's log. Fails if none ran.
count() {
  local preset=$1 log=$2 passed failed skipped
  passed=$(grep -c '^\[       OK \]' "$log" || true)
  failed=$(grep -c '^\[  FAILED  \].* ms)$' "$log" || true)
  skipped=$(grep -c '^\[  SKIPPED \].* ms)$' "$log" || true)
  echo "$preset: $((passed + failed)) tests ran, $failed failed, $skipped skipped"
  [ $((passed + failed)) -gt 0 ]
}

test_preset() {
  local preset=$1 log=$top/build/$1/Testing/Temporary/LastTest.log result=0
  cmake --preset "$preset" || return 1
  cmake --build --preset "$preset" || return 1
  rm -f "$log"
  ctest --preset "$preset" --parallel "$(nproc)" || result=1
  [ -f "$log" ] && count "$preset" "$log" || result=1
  return "$result"
}

failed=()
for preset in "$@"; do
  started=$SECONDS
  test_preset "$preset" || failed+=("$preset")
  echo "$preset: $((SECONDS - started)) s"
done
if [ ${#failed[@]} -gt 0 ]; then
  echo "failed: ${failed[*]}"
  exit 1
fi
