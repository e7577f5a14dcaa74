#!/usr/bin/env bash
# Usage: setup.sh [demo | all]
# Installs what the project needs on a bare Debian 12: for the demo alone, or for everything (the default). What is there stays
# as it is; with everything there it needs no network and no rights.
set -euo pipefail

demo_packages=(
  g++ cmake ninja-build pkgconf
  libxtensor-dev libxsimd-dev libopenblas-dev zlib1g-dev
  libcli11-dev gnuplot-nox graphviz
)
all_packages=(
  "${demo_packages[@]}"
  clang libclang-rt-14-dev binutils ccache
  libgtest-dev librapidcheck-dev libbenchmark-dev nlohmann-json3-dev
)
# The demo has other data to fall back on.
optional_packages=(dataset-fashion-mnist)

case ${1:-all} in
  demo) packages=("${demo_packages[@]}") ;;
  all) packages=("${all_packages[@]}") optional_packages=() ;;
  *) echo "usage: setup.sh [demo | all]" >&2; exit 2 ;;
esac

# Prints those of the named packages that are not installed.
missing() {
  local package
  for package in "$@"; do
    [ "$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || echo "$package"
  done
}

as_root() {
  if [ "$(id -u)" -eq 0 ]; then
    "$@"
  elif command -v sudo >/dev/null; then
    sudo "$@"
  else
    echo "setup.sh: to install packages it must run as root, or find sudo" >&2
    return 1
  fi
}

install() { as_root env DEBIAN_FRONTEND=noninteractive apt-get install --yes --quiet --no-install-recommends "$@" </dev/null; }

mapfile -t needed < <(missing "${packages[@]}")
mapfile -t wanted < <(missing "${optional_packages[@]}")
[ $((${#needed[@]} + ${#wanted[@]})) -gt 0 ] || exit 0

if ! as_root apt-get update --quiet; then
  # Perhaps the lists of last time are enough; if not, the installation says so.
  echo "setup.sh: the package lists could not be renewed" >&2
fi
if [ ${#needed[@]} -gt 0 ]; then
  install "${needed[@]}"
fi
for package in "${wanted[@]}"; do
  install "$package" || echo "setup.sh: going on without $package" >&2
done
