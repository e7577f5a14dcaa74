#!/usr/bin/env bash
# Usage: consume.sh WAY [ARGUMENT...]
# One way to use the installed package, from nothing to a program that has run. CTest calls it; the WENGERT_* variables tell
# where things are and how the library was built. Ends with 77 where something outside of the project is missing.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
way=$1
shift
work=$WENGERT_WORK/$way
folder=$work/build
# Under CCACHE_BASEDIR ccache sees paths relative to the folder that is built in: what the build around this one has made is found again only from the same depth.
if [ "$way" = add_subdirectory ] && [ -n "${CCACHE_BASEDIR:-}" ]; then folder=$WENGERT_BUILD-subproject; fi
readonly here way work folder

# Shell words: a sanitizer's flags must reach the program too.
read -r -a flags <<<"${WENGERT_CXX_FLAGS:-}"

# As a user finds a package outside of the system's folders.
export PKG_CONFIG_PATH=$WENGERT_PREFIX/lib/pkgconfig
library_path=$WENGERT_PREFIX/lib${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}

fresh() {
  rm -rf "$work" "$folder"
  mkdir -p "$work"
}

configure() {  # configure SOURCE [-D...]
  local source=$1
  shift
  "$WENGERT_CMAKE" -S "$source" -B "$folder" -G "$WENGERT_GENERATOR" \
    -DCMAKE_BUILD_TYPE="$WENGERT_CONFIG" -DCMAKE_CXX_COMPILER="$WENGERT_CXX" \
    -DCMAKE_CXX_FLAGS="${WENGERT_CXX_FLAGS:-}" -DCMAKE_CXX_COMPILER_LAUNCHER="${WENGERT_CXX_LAUNCHER:-}" "$@"
}

build() { "$WENGERT_CMAKE" --build "$folder" "$@"; }

# $(pkg-config ...) is left to split into words on purpose, as on a user's command line.
# shellcheck disable=SC2046
compile() { # compile COMPILER PACKAGE SOURCE PROGRAM [FLAG...]
  local compiler=$1 package=$2 source=$3 program=$4
  shift 4
  "$compiler" -std=c++20 "${flags[@]}" "$@" "$source" -o "$program" $(pkg-config --cflags --libs "$package")
}

run() { LD_LIBRARY_PATH=$library_path "$@"; }

case $way in
  install)
    # Installed to one place and moved to another: nothing in the package may hold a path of the machine that built it.
    rm -rf "$WENGERT_PREFIX" "$WENGERT_PREFIX.first"
    "$WENGERT_CMAKE" --install "$WENGERT_BUILD" --config "$WENGERT_CONFIG" --prefix "$WENGERT_PREFIX.first"
    mv "$WENGERT_PREFIX.first" "$WENGERT_PREFIX"
    if grep -rIl -e "$WENGERT_PREFIX.first" -e "$WENGERT_SOURCE" "$WENGERT_PREFIX"; then
      echo "these files of the package name a folder of the build"
      exit 1
    fi
    ;;

  find_package)
    fresh
    configure "$here/find_package" -DCMAKE_PREFIX_PATH="$WENGERT_PREFIX"
    build
    "$folder/program"
    ;;

  pkg_config)
    fresh
    compile "$WENGERT_CXX" wengert "$here/find_package/program.cpp" "$work/program"
    run "$work/program"
    ;;

  core_only)
    fresh
    configure "$here/core_only" -DCMAKE_PREFIX_PATH="$WENGERT_PREFIX"
    build
    "$folder/program"
    # The compiler's own list of what the program includes, wherever xtensor may be installed.
    # shellcheck disable=SC2046
    "$WENGERT_CXX" -std=c++20 -M $(pkg-config --cflags wengert-core) "$here/core_only/program.cpp" >"$work/includes"
    grep -q 'wengert/core\.hpp' "$work/includes"
    if grep -E '/(xtensor|xtl|xsimd|openblas[^ ]*|nlohmann|boost)/|zlib\.h' "$work/includes"; then
      echo "<wengert/core.hpp> reaches a header of another package"
      exit 1
    fi
    ;;

  add_subdirectory)
    # Builds the library once more, as a part of the consumer's project; by the same commands as the build around it, so that
    # ccache has what they make.
    fresh
    configure "$here/subproject" -DWENGERT_WARNINGS_AS_ERRORS=ON -DWENGERT_SOURCE="$WENGERT_SOURCE" -DWENGERT_FETCHED=OFF
    build --target program
    "$folder/program"
    ;;

  fetch_content)
    # Another way to the same sources, so here only what a configuration shows: what the project offers, and no more.
    fresh
    configure "$here/subproject" -DWENGERT_SOURCE="$WENGERT_SOURCE" -DWENGERT_FETCHED=ON
    build --target help >"$work/targets"
    grep -q 'libwengert\.so' "$work/targets"
    if grep -E 'wengert_(base|ops|house)_tests|wengert_train|wengert_headers' "$work/targets"; then
      echo "tests or examples of the library are built as part of a user's project"
      exit 1
    fi
    ;;

  dlopen)
    fresh
    compile "$WENGERT_CXX" wengert-core "$here/dlopen/plugin.cpp" "$work/plugin.so" -shared -fPIC -Wl,-rpath,"$WENGERT_PREFIX/lib"
    "$WENGERT_CXX" -std=c++20 "${flags[@]}" "$here/dlopen/host.cpp" -o "$work/host" -ldl
    "$work/host" "$work/plugin.so" "$WENGERT_PREFIX/lib/libwengert.so.0"
    ;;

  readme)
    # The README's example, as a reader would try it: the same, word for word, as examples/readme.cpp below its opening line.
    fresh
    awk '/^```cpp$/ { inside = 1; next } /^```$/ && inside { exit } inside' "$WENGERT_SOURCE/README.md" >"$work/example.cpp"
    grep -q 'int main' "$work/example.cpp"
    tail -n +2 "$WENGERT_SOURCE/examples/readme.cpp" | diff "$work/example.cpp" -
    compile "$WENGERT_CXX" wengert "$work/example.cpp" "$work/example" -Wall -Wextra -Werror
    run "$work/example" | tee "$work/output"
    [ "$(tail -n 1 "$work/output")" = "accuracy 1.00" ]
    ;;

  docs)
    # Every C++ block of every page: whole programs run as they stand, the rest stands in docs/program.cpp by page and number.
    fresh
    for page in "$WENGERT_SOURCE/README.md" "$WENGERT_SOURCE"/docs/*.md; do
      stem=$(basename "$page" .md)
      awk -v stem="$work/$stem" '/^```cpp$/ { inside = ++n; next } /^```$/ { inside = 0 } inside { print >(stem "_" inside ".inc") }' "$page"
    done
    programs=0 left_out=0
    for block in "$work"/*.inc; do
      if grep -q 'int main' "$block"; then
        programs=$((programs + 1))
        cp "$block" "$block.cpp"
        compile "$WENGERT_CXX" wengert "$block.cpp" "$work/program" -Wall -Wextra -Werror
        run "$work/program"
      elif ! grep -q "#include \"$(basename "$block")\"" "$here/docs/program.cpp"; then
        echo "$(basename "$block"): docs/program.cpp leaves this block out:"
        cat "$block"
        left_out=$((left_out + 1))
      fi
    done
    compile "$WENGERT_CXX" wengert "$here/docs/program.cpp" "$work/program" -I"$work" -Wall -Wextra -Werror -lgtest_main -lgtest
    run "$work/program"
    [ "$programs" -gt 0 ] && [ "$left_out" -eq 0 ]
    ;;

  recipe)
    # docs/add_a_primitive.md, followed to the letter: its cards, its statements.
    fresh
    page=$WENGERT_SOURCE/docs/add_a_primitive.md
    # block HEADING: the C++ under a heading of the page.
    block() { awk -v heading="## $1" '/^## / { here = $0 == heading } /^```/ { inside = here && /cpp/; next } inside' "$page"; }
    { block "Elementwise, as a card"; block "General"; } >"$work/cards.inc"
    block "Elementwise, inside a function" >"$work/inside_a_function.inc"
    block "Check it" >"$work/check_it.inc"
    for piece in cards inside_a_function check_it; do
      [ -s "$work/$piece.inc" ] || { echo "$page has no such section any more: $piece"; exit 1; }
    done
    compile "$WENGERT_CXX" wengert "$here/recipe/program.cpp" "$work/program" -I"$work" -lgtest_main -lgtest
    run "$work/program"
    ;;

  contract)
    compiler=$1
    work_here=$work-$(basename "$compiler")
    rm -rf "$work_here"
    mkdir -p "$work_here"
    for name in engine transforms; do
      program=$WENGERT_SHARED/contract/$name.cpp
      [ -f "$program" ] || { echo "skipped: there is no $program"; exit 77; }
      compile "$compiler" wengert "$program" "$work_here/$name"
      run "$work_here/$name"
    done
    ;;

  *)
    echo "no such way: $way"
    exit 2
    ;;
esac
