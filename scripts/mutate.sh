#!/usr/bin/env bash
# Usage: mutate.sh [--list] [CARD...]      e.g. mutate.sh tanh; without a card: every card
# Breaks the cards in every way that scripts/mutants.pl knows, one at a time, and runs the tests of the ops room on each: they must
# notice. Ends with 1 if a mutant survives that is not in scripts/mutants_accepted.txt (lines `ID: reason`).
# CARD is the struct's name or a function's, in any case, or a pattern such as 'log*'. JOBS=n mutants at a time (default: all cores).
#
# The tree is copied to build/mutate and built there once, lightly optimised. A mutant then costs the compilation of one or two units
# and a link: only the library's objects that hold the card are made anew, unoptimised, beside the others, and only at the baseline
# instruction set; what compares instruction sets is left out of the tests.
set -euo pipefail

top=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
place=$top/build/mutate
tree=$place/tree
build=$place/build
accepted=$top/scripts/mutants_accepted.txt
mutants=$top/scripts/mutants.pl

families=(activation arithmetic exponential hyperbolic piecewise rectifier special strong_zero trigonometric)
general=(convolution cumulative decomposition linalg norm reduce select shape softmax solve)
files=()
for family in "${families[@]}"; do files+=("src/ops/cards/$family.hpp"); done
for family in "${general[@]}"; do files+=("include/wengert/ops/$family.hpp" "src/ops/$family.cpp"); done
files+=(src/ops/cards/squares.hpp src/ops/chain_rule.cpp src/array/kernels/reduce.cpp)

# Copies what has changed since last time, so that only that is built again.
copy_tree() {
  mkdir -p "$tree"
  local path new
  new=$(mktemp)
  while read -r path; do
    mkdir -p "$tree/$(dirname "$path")"
    case $path in
      # The copy knows how to join a cotangent with a slope by a plain product, for the mutants without a strong zero.
      include/wengert/graph/elementwise.hpp | include/wengert/graph/number_nodes.hpp | src/ops/kernels/elementwise_unit.hpp | src/ops/chain_rule.cpp)
        perl "$mutants" plain "$top/$path" >"$new" ;;
      *) cat "$top/$path" >"$new" ;;
    esac
    cmp -s "$new" "$tree/$path" || cat "$new" >"$tree/$path"
  done < <(cd "$top" && find CMakeLists.txt cmake docs/operations.md include src tests -type f)
  rm -f "$new"
  (cd "$tree" && find . -type f) | while read -r path; do
    [ -e "$top/$path" ] || rm -f "${tree:?}/$path"
  done
}

build_tree() {
  # No path to the library in the test program: LD_LIBRARY_PATH alone says which one it tests.
  cmake -S "$tree" -B "$build" -G Ninja -DCMAKE_CXX_COMPILER=clang++ -DCMAKE_BUILD_TYPE=Release -DCMAKE_CXX_FLAGS_RELEASE=-O1 \
    -DCMAKE_SKIP_BUILD_RPATH=ON -DWENGERT_BUILD_EXAMPLES=OFF -DWENGERT_BUILD_BENCHMARKS=OFF -DWENGERT_INSTALL=OFF \
    -DWENGERT_SHARED_DIR="$place/none"
  cmake --build "$build" --target wengert wengert_ops_tests
  # Half of the time of a unit goes into headers that no mutant changes.
  local kind
  for kind in kernels ops; do
    printf '#include <%s>\n' $(precompiled_headers $kind) >"$place/$kind.hpp"
    (cd "$build" && eval "$(command_for "$(first_object $kind)" "$place/$kind.hpp" "$place/$kind.pch") -x c++-header")
  done
}

precompiled_headers() {
  case $1 in
    kernels) echo array limits wengert/graph/elementwise.hpp wengert/graph/reads.hpp array/kernels/batch_math.hpp ;;
    ops) echo algorithm string wengert/base/errors.hpp wengert/graph/record.hpp array/movement.hpp array/reduce.hpp ops/general.hpp ;;
  esac
}

first_object() {
  case $1 in
    kernels) objects_of src/array/kernels/reduce.cpp ;;
    ops) objects_of src/ops/softmax.cpp ;;
  esac
}

# command_for OBJECT SOURCE OUTPUT: the command that makes this object, with another source and output, unoptimised and without warnings.
command_for() {
  ninja -C "$build" -t commands "$1" | tail -n 1 |
    sed -E "s# -MD -MT [^ ]+ -MF [^ ]+##; s#^[^ ]*ccache ##; s# -o [^ ]+# -o $3#; s# -c [^ ]+# -c $2#; s#\$# -O0 -w#"
}

# The objects, relative to the build folder, that hold the cards of a file.
objects_of() {
  local stem
  stem=$(basename "$1")
  stem=${stem%.*}
  case $1 in
    */cards/squares.hpp) objects_of src/ops/cards/trigonometric.hpp && objects_of src/ops/cards/hyperbolic.hpp ;;
    */cards/*) echo "CMakeFiles/wengert.dir/src/ops/$stem.cpp.o" "CMakeFiles/wengert_kernels_baseline.dir/src/ops/kernels/$stem.cpp.o" ;;
    src/array/kernels/*) echo "CMakeFiles/wengert_kernels_baseline.dir/$1.o" ;;
    src/*) echo "CMakeFiles/wengert.dir/$1.o" ;;
    *) echo "CMakeFiles/wengert.dir/src/ops/$stem.cpp.o" ;;
  esac
}

# try ID FILE OFFSET LENGTH REPLACEMENT: prints `killed ID`, `survived ID` or, where it does not compile, `stillborn ID`.
try() {
  local id=$1 file=$2 offset=$3 length=$4 replacement=${5-}
  local here=$place/trial/$BASHPID object source command link rows number=0
  mkdir -p "$here/$(dirname "$file")"
  perl "$mutants" apply "$tree" "$file" "$offset" "$length" "$replacement" >"$here/$file"
  link=$(ninja -C "$build" -t commands libwengert.so | grep -- '-o libwengert\.so\.' | tail -n 1)
  link=$(sed -E "s#-o libwengert\\.so\\.[^ ]+#-o $here/libwengert.so.0#" <<<"$link")
  for object in $(objects_of "$file"); do
    number=$((number + 1))
    source=src/${object#*/src/}
    source=${source%.o}
    if [ "$source" = "$file" ]; then source=$here/$source; else source=$tree/$source; fi
    command=$(command_for "$object" "$source" "$here/$number.o")
    # Its changed header first; and whatever a mutant calls is there.
    command=${command/ / -I$here/include -I$here/src }
    case $object in
      */kernels/*) command+=" -include-pch $place/kernels.pch" ;;
      *) command+=" -include-pch $place/ops.pch -include wengert/ops/arithmetic.hpp" ;;
    esac
    link=${link/" $object"/" $here/$number.o"}
    if ! (cd "$build" && eval "$command") >"$here/log" 2>&1; then
      echo "stillborn $id"
      rm -rf "$here"
      return
    fi
  done
  if ! (cd "$build" && eval "$link") >"$here/log" 2>&1; then
    cat "$here/log" >&2
    echo "unlinked $id"
  elif rows=$(rows_of "$id") && run_tests "$here" 'Special*:*/Special*:StrongZero*' >"$here/log" 2>&1 &&
    run_tests "$here" "*/$rows:*/${rows}_*" >"$here/log" 2>&1 && run_tests "$here" >"$here/log" 2>&1; then
    echo "survived $id"
  else
    echo "killed $id"
  fi
  rm -rf "$here"
}

# What the rows of a mutant's card are called, most likely. They are tried before all others, since they notice most, but after the
# special values, which take no time: differences take long to find out that they do not agree.
rows_of() {
  local class=${1%%.*} name=${1%%:*}
  if [ "$class" = kernels ]; then
    name=${name#*.}
    echo "${name%_backward}"
  else
    sed -E 's/([a-z0-9])([A-Z])/\1_\2/g' <<<"$class" | tr '[:upper:]' '[:lower:]'
  fi
}

# run_tests FOLDER [PATTERN]: with the library that lies there. Time and memory are limited: a broken shape rule may ask for anything.
# The time is the processor's: on a busy machine the clock's would kill mutants that no test notices.
run_tests() {
  (
    ulimit -v 16000000 -c 0 -t 60
    LD_LIBRARY_PATH=$1 WENGERT_SIMD=baseline timeout 3600 "$build/tests/wengert_ops_tests" --gtest_brief=1 --gtest_fail_fast \
      --gtest_filter="${2:-*}-*Avx*:*avx*:SpecialValuesEverywhere.*:ElementwiseKernelTables.*"
  )
}

wanted() {  # wanted CARD...: passes the mutants of these cards on
  if [ $# -eq 0 ]; then
    cat
    return
  fi
  local id rest card class name
  while IFS=$'\t' read -r id rest; do
    class=${id%%.*} name=${id%%:*} name=${name#*.}
    class=${class,,} name=${name,,}
    for card in "$@"; do
      card=${card,,}
      # shellcheck disable=SC2053  # a pattern on purpose
      if [[ $class == $card || $class == ${card//_/} || $name == $card || $name == ${card}_* || ${id,,} == $card ]]; then
        printf '%s\t%s\n' "$id" "$rest"
        break
      fi
    done
  done
}

reason_for() { awk -v id="$1" 'index($0, id ": ") == 1 { print substr($0, length(id) + 3) }' "$accepted"; }

count() { grep -c "^$1 " "$place/results.txt" || true; }

# A function, so that bash has read all of it before it starts: the script may be edited while it runs.
main() {
  local only_list=no started reason unlisted=0 id
  if [ "${1-}" = --list ]; then
    only_list=yes
    shift
  fi

  copy_tree
  perl "$mutants" list "$tree" "${files[@]}" | wanted "$@" >"$place/mutants.tsv"
  if [ $only_list = yes ]; then
    cut -f 1,5 "$place/mutants.tsv"
    return
  fi
  [ -s "$place/mutants.tsv" ] || { echo "mutate.sh: no mutants: $*" >&2; return 2; }

  if ! build_tree >"$place/build.log" 2>&1; then
    tail -n 40 "$place/build.log"
    return 1
  fi
  run_tests "$build" >"$place/tests.log" 2>&1 || { tail -n 40 "$place/tests.log"; echo "the tests fail without any mutant"; return 1; }

  rm -rf "$place/trial"
  export top place tree build mutants
  export -f try objects_of command_for rows_of run_tests
  started=$SECONDS
  tr '\t\n' '\0\0' <"$place/mutants.tsv" | xargs -0 -n 5 -P "${JOBS:-$(nproc)}" bash -c 'try "$@"' try | tee "$place/results.txt"

  echo
  while read -r _ id; do
    reason=$(reason_for "$id")
    if [ -n "$reason" ]; then
      echo "accepted: $id: $reason"
    else
      unlisted=$((unlisted + 1))
      echo "SURVIVED: $id: $(awk -F '\t' -v id="$id" '$1 == id { print $2 ": changed to \"" substr($5, 2) "\"" }' "$place/mutants.tsv")"
    fi
  done < <(grep '^survived ' "$place/results.txt" || true)
  while read -r _ id; do
    [ -z "$(reason_for "$id")" ] || echo "listed as accepted, but killed: $id"
  done < <(grep '^killed ' "$place/results.txt" || true)
  echo "$(wc -l <"$place/results.txt") mutants in $((SECONDS - started)) s: $(count killed) killed, $(count survived) survived ($unlisted of them unlisted), $(count stillborn) did not compile"
  [ "$(count unlinked)" -eq 0 ] && [ "$unlisted" -eq 0 ]
}

main "$@"
