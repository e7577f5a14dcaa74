#!/usr/bin/env bash
# Usage: library_symbols.sh NM READELF LIBRARY
# What libwengert.so shows to the dynamic linker is inside namespace wengert, and what it needs is what the documentation says.
set -euo pipefail

nm=$1 readelf=$2 library=$3
bad=0

exported=$("$nm" --dynamic --defined-only --format=posix "$library" | awk '{ sub(/@.*/, "", $1); print $1 }')
count=0
while read -r name; do
  case $name in
    WENGERT_*) ;;  # the version node itself
    _ZN7wengert* | _ZNK7wengert* | _ZN[RO]7wengert* | _ZNK[RO]7wengert*) count=$((count + 1)) ;;
    _ZT[ISVT]N7wengert* | _ZGVN7wengert* | _ZThn*_N7wengert* | _ZTv*_N7wengert*) count=$((count + 1)) ;;
    *) echo "not ours, yet exported: $name"; bad=1 ;;
  esac
done <<<"$exported"
echo "$count exported symbols"
[ "$count" -gt 0 ] || bad=1

needed=$("$readelf" --dynamic --wide "$library" | sed -n 's/.*(NEEDED).*\[\(.*\)\].*/\1/p')
while read -r name; do
  case $name in
    libopenblas.so.* | libz.so.* | libstdc++.so.* | libm.so.* | libgcc_s.so.* | libc.so.* | ld-linux*) ;;
    libasan.so.* | libubsan.so.* | libtsan.so.* | libclang_rt.*) ;;
    *) echo "a dependency that users would have to install: $name"; bad=1 ;;
  esac
done <<<"$needed"

soname=$("$readelf" --dynamic --wide "$library" | sed -n 's/.*(SONAME).*\[\(.*\)\].*/\1/p')
[ "$soname" = libwengert.so.0 ] || { echo "soname is $soname, not libwengert.so.0"; bad=1; }
exit "$bad"
