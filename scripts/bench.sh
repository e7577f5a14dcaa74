#!/usr/bin/env bash
# Usage: bench.sh [--rows ID,ID,...] [--repetitions N] [--output FOLDER] [--peer] [--operations] [--help]
# Builds the release library, measures every row of the table in docs/performance.md in turns with its limit, prints
# id, threads, median, limit, ratio, and writes them to results.json.
#   --rows ID,ID,...   only these rows; without it all of them
#   --repetitions N    runs of each row, of which the median counts; 11
#   --output FOLDER    where results.json goes; bench-output
#   --operations       instead: operations one by one, beside loops by hand
#   --peer             beside ours also libtorch, where libtorch-dev is installed, and how many times as long it takes
set -euo pipefail

top=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
build=$top/build/bench
log=$build/bench.log

peer=no
operations=no
options=()
while [ $# -gt 0 ]; do
  case $1 in
    --rows | --repetitions | --output)
      [ $# -ge 2 ] || { echo "bench.sh: $1: its value is missing; bench.sh --help lists the options" >&2; exit 2; }
      if [ "$1" = --repetitions ] && ! [[ $2 =~ ^[1-9][0-9]{0,2}$ ]]; then
        echo "bench.sh: --repetitions: no number from 1 to 999: \"$2\"" >&2
        exit 2
      fi
      options+=("$1" "$2")
      shift
      ;;
    --peer) peer=yes ;;
    --operations) operations=yes ;;
    --help) sed -n '/^# Usage/,/^set/{/^#/s/^# \{0,1\}//p}' "${BASH_SOURCE[0]}"; exit 0 ;;
    *) echo "bench.sh: no such option: $1; bench.sh --help lists them" >&2; exit 2 ;;
  esac
  shift
done

# shellcheck source=scripts/quietly.bash
. "$top/scripts/quietly.bash"

mkdir -p "$build"
: >"$log"
export CCACHE_BASEDIR=$top CCACHE_NOHASHDIR=1
quietly "installing what is missing" "$top/scripts/setup.sh"
cd "$top"
quietly "configuring" cmake --preset release -B "$build" -DWENGERT_BUILD_TESTS=OFF -DWENGERT_BUILD_EXAMPLES=OFF -DWENGERT_BUILD_BENCHMARKS=ON
quietly "building" cmake --build "$build"
# As a user has it, for the row that compiles a first program.
rm -rf "$build/package"
quietly "installing the package" cmake --install "$build" --prefix "$build/package"

if [ $peer = yes ]; then
  if cmake -S benchmarks/peer -B "$build/peer" -G Ninja -DCMAKE_BUILD_TYPE=Release >>"$log" 2>&1; then
    quietly "building the peer" cmake --build "$build/peer"
    options+=(--peer-program "$build/peer/torch")
  else
    echo "bench.sh: --peer: libtorch was not found; on Debian: apt install libtorch-dev. Going on without it" >&2
  fi
fi
cd - >/dev/null

# A kernel that somebody chose by hand is not what users get, and an answer from the compiler's cache is not the compiler's time.
unset OPENBLAS_CORETYPE OPENBLAS_L2_SIZE WENGERT_SIMD
[ $operations = no ] || exec "$build/benchmarks/operations"
export CCACHE_DISABLE=1
exec "$build/benchmarks/bench" --package "$build/package" "${options[@]}"
