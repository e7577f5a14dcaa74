#!/usr/bin/env bash
# Usage: accuracy.sh [STEP]
# Measures how far each elementwise function is off, in units of the last place, and writes the table of docs/operations.md: of every STEP-th
# float of each range (without one: of every float, which takes long), and of ten million doubles (with one: a hundred thousand).
set -euo pipefail

top=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$top"
scripts/setup.sh
cmake --preset release
cmake --build --preset release --target wengert_ops_tests

place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
export WENGERT_MEASURE=accuracy
[ $# -eq 0 ] || export WENGERT_MEASURE_STEP=$1
shards=$(nproc)
for ((shard = 0; shard < shards; ++shard)); do
  GTEST_TOTAL_SHARDS=$shards GTEST_SHARD_INDEX=$shard build/release/tests/wengert_ops_tests --gtest_filter='*/Accuracy.IsWhatThePageStates/*' >"$place/$shard" &
done
wait
# In the order of the tests, whichever shard had them.
grep -h '^| `' "$place"/* >"$place/rows"
build/release/tests/wengert_ops_tests --gtest_list_tests --gtest_filter='*/Accuracy.IsWhatThePageStates/*' | sed -nE 's|^  IsWhatThePageStates/([a-z0-9_]+).*|\1|p' >"$place/names"
while read -r name; do grep -E "^\| \`${name//_/[ ,_]}\` " "$place/rows"; done <"$place/names" >"$place/table"
[ "$(wc -l <"$place/table")" -eq "$(wc -l <"$place/names")" ] || { echo "accuracy: some functions have not been measured" >&2; exit 1; }
sed -i -e '/^<!-- accuracy: /,/^<!-- end of the accuracy/{/^| /d}' -e "/^<!-- accuracy: /r $place/table" docs/operations.md
