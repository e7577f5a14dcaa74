#!/usr/bin/env bash
# Usage: kernel_symbols.sh NM LEVEL OBJECT...
# Of several weak symbols of one name the linker keeps any, from whichever object it likes. A weak function in a kernel object
# that does not carry the object's level in its name could so bring AVX instructions to a machine without them.
set -euo pipefail

nm=$1 level=$2
shift 2
[ $# -gt 0 ] || { echo "no kernel objects"; exit 1; }

stray=0
for object in "$@"; do
  while read -r name kind _; do
    case $kind in W | V | u) ;; *) continue ;; esac
    case $name in
      *xsimd_"$level"*) ;;
      DW.ref.*) ;;  # a pointer for the unwinder, data of one and the same content everywhere
      *) echo "$(basename "$object"): weak, without xsimd_$level in its name: $name"; stray=$((stray + 1)) ;;
    esac
  done < <("$nm" --format=posix --defined-only "$object")
done
echo "$# kernel objects, $stray stray symbols"
[ "$stray" -eq 0 ]
