#!/usr/bin/env bash
# Usage: demo.sh [OPTION...]; demo.sh --help lists them.
# Builds the release library and trains a classifier on real images. All options go to the program as they are.
set -euo pipefail

top=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
log=$top/build/demo.log
mkdir -p "$top/build"

# shellcheck source=scripts/quietly.bash
. "$top/scripts/quietly.bash"

: >"$log"
quietly "installing what is missing" "$top/scripts/setup.sh" demo
cd "$top"
quietly "configuring" cmake --preset release -DWENGERT_BUILD_TESTS=OFF
quietly "building" cmake --build --preset release --target wengert_train
cd - >/dev/null
exec "$top/build/release/examples/train" "$@"
