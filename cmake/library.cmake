# libwengert.so, and the kernels in it: one object library per instruction set.
file(GLOB WENGERT_SOURCES CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/src/*/*.cpp")
file(GLOB WENGERT_KERNELS CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/src/*/kernels/*.cpp")

add_library(wengert SHARED ${WENGERT_SOURCES})
add_library(wengert::wengert ALIAS wengert)

# A kernel unit is the same text at every level; the level it is given chooses the name of its table and of its namespace.
# Always -O2: what is not inlined becomes a weak symbol, of which the linker might take a machine's that this one is not.
# -ffp-contract=off: x * y + z rounds alike at every level, as in the plain loop.
function(wengert_kernel_level level)
  add_library(wengert_kernels_${level} OBJECT ${WENGERT_KERNELS})
  target_include_directories(wengert_kernels_${level} PRIVATE "${PROJECT_SOURCE_DIR}/include" "${PROJECT_SOURCE_DIR}/src")
  target_compile_definitions(wengert_kernels_${level} PRIVATE WENGERT_LEVEL=${level})
  target_compile_options(wengert_kernels_${level} PRIVATE ${ARGN} -O2 -ffp-contract=off)
  target_link_libraries(wengert_kernels_${level} PRIVATE wengert_warnings xsimd)
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # g++ 12 sees its own <immintrin.h> read what it leaves undefined on purpose.
    target_compile_options(wengert_kernels_${level} PRIVATE -Wno-maybe-uninitialized -Wno-uninitialized)
  endif()
  set_target_properties(wengert_kernels_${level} PROPERTIES
    POSITION_INDEPENDENT_CODE ON CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON)
  target_sources(wengert PRIVATE $<TARGET_OBJECTS:wengert_kernels_${level}>)
endfunction()

if(WENGERT_KERNELS)
  wengert_kernel_level(baseline)
  wengert_kernel_level(avx2 -mavx2 -mfma)
  wengert_kernel_level(avx512 -mavx512f -mavx512cd -mavx512dq -mavx512bw -mavx512vl -mavx2 -mfma)
endif()

target_compile_features(wengert PUBLIC cxx_std_20)
target_include_directories(wengert
  PUBLIC $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include> $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>
  PRIVATE "${PROJECT_SOURCE_DIR}/src")
target_include_directories(wengert SYSTEM PUBLIC "$<BUILD_INTERFACE:${WENGERT_XTENSOR_INCLUDE_DIRS}>")
target_link_libraries(wengert PRIVATE wengert_warnings wengert_openblas ZLIB::ZLIB Threads::Threads)
if(WENGERT_BACKTRACE_LIBRARY)
  # Looked through last: the folder is GCC's own, with headers that clang has its own forms of.
  set_source_files_properties("${PROJECT_SOURCE_DIR}/src/base/source_line.cpp" PROPERTIES
    COMPILE_OPTIONS "-idirafter;${WENGERT_BACKTRACE_INCLUDE_DIR}" COMPILE_DEFINITIONS WENGERT_HAS_BACKTRACE)
  target_link_libraries(wengert PRIVATE "${WENGERT_BACKTRACE_LIBRARY}")
endif()
# Calls between our own exported functions need no detour through the table that lets a program replace them.
target_compile_options(wengert PRIVATE -fno-semantic-interposition)

set(WENGERT_VERSION_SCRIPT "${PROJECT_SOURCE_DIR}/cmake/wengert.map")
target_link_options(wengert PRIVATE "LINKER:--version-script=${WENGERT_VERSION_SCRIPT}")
# A sanitizer's own symbols come from the program, so a library built for one cannot have them all defined.
if(NOT CMAKE_CXX_FLAGS MATCHES "-fsanitize=")
  target_link_options(wengert PRIVATE LINKER:--no-undefined)
endif()
set_target_properties(wengert PROPERTIES
  VERSION ${PROJECT_VERSION} SOVERSION ${PROJECT_VERSION_MAJOR}
  CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON
  LINK_DEPENDS "${WENGERT_VERSION_SCRIPT}")
