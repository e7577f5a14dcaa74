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

# Prints `PRESET: 812 tests ran, 0 failed, 2 skipped` from CTest's own report; fails if none ran.
count() {
  local preset=$1 report=$2 line tests failed skipped
  line=$(grep -m 1 -A 8 '<testsuite' "$report" | tr '\n' ' ')
  tests=$(sed -E 's/.*[^a-z]tests="([0-9]+)".*/\1/' <<<"$line")
  failed=$(sed -E 's/.*failures="([0-9]+)".*/\1/' <<<"$line")
  skipped=$(sed -E 's/.*skipped="([0-9]+)".*/\1/' <<<"$line")
  echo "$preset: $((tests - skipped)) tests ran, $failed failed, $skipped skipped"
  [ $((tests - skipped)) -gt 0 ]
}

test_preset() {
  local preset=$1 report=$top/build/$1/tests.xml result=0
  cmake --preset "$preset" || return 1
  cmake --build --preset "$preset" || return 1
  rm -f "$report"
  ctest --preset "$preset" --parallel "$(nproc)" --output-junit "$report" || result=1
  [ -f "$report" ] && count "$preset" "$report" || result=1
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
