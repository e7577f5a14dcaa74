# What the library itself stands on. All of it is private but the headers of xtensor, which <wengert/wengert.hpp> includes.
set(THREADS_PREFER_PTHREAD_FLAG ON)
find_package(Threads REQUIRED)
find_package(ZLIB REQUIRED)
find_package(xsimd REQUIRED)
find_package(xtensor REQUIRED)

# OpenBLAS by its own name: find_package(BLAS) would accept any BLAS, a reference one of a tenth of the speed among them.
find_package(PkgConfig QUIET)
if(PkgConfig_FOUND)
  pkg_check_modules(WENGERT_OPENBLAS_HINT QUIET openblas)
  pkg_get_variable(WENGERT_OPENBLAS_CONFIG openblas openblas_config)
endif()
find_path(WENGERT_OPENBLAS_INCLUDE_DIR openblas_config.h
  HINTS ${WENGERT_OPENBLAS_HINT_INCLUDE_DIRS}
  PATH_SUFFIXES openblas-pthread openblas-serial openblas)
find_library(WENGERT_OPENBLAS_LIBRARY openblas
  HINTS ${WENGERT_OPENBLAS_HINT_LIBRARY_DIRS}
  PATH_SUFFIXES openblas-pthread openblas-serial openblas)
mark_as_advanced(WENGERT_OPENBLAS_INCLUDE_DIR WENGERT_OPENBLAS_LIBRARY)
if(NOT WENGERT_OPENBLAS_INCLUDE_DIR OR NOT WENGERT_OPENBLAS_LIBRARY)
  message(FATAL_ERROR "wengert: OpenBLAS not found; on Debian: apt install libopenblas-dev")
endif()
# The OpenMP build overrides openblas_set_num_threads, on which set_threads relies.
file(REAL_PATH "${WENGERT_OPENBLAS_LIBRARY}" WENGERT_OPENBLAS_FILE)
if(WENGERT_OPENBLAS_FILE MATCHES "openmp" OR WENGERT_OPENBLAS_CONFIG MATCHES "USE_OPENMP=1")
  message(FATAL_ERROR "wengert: ${WENGERT_OPENBLAS_FILE} is the OpenMP build of OpenBLAS; "
    "take the pthread or the serial one (on Debian: apt install libopenblas-pthread-dev)")
endif()
add_library(wengert_openblas INTERFACE)
target_include_directories(wengert_openblas SYSTEM INTERFACE "${WENGERT_OPENBLAS_INCLUDE_DIR}")
target_link_libraries(wengert_openblas INTERFACE "${WENGERT_OPENBLAS_LIBRARY}")

# GCC's libbacktrace, which tells the lines of a guarded tape's errors: part of g++, also where clang++ compiles. Without it all works but the lines.
find_program(WENGERT_GCC_DRIVER NAMES g++ g++-12 c++)
mark_as_advanced(WENGERT_GCC_DRIVER)
set(WENGERT_BACKTRACE_INCLUDE_DIR "")
set(WENGERT_BACKTRACE_LIBRARY "")
foreach(driver "${CMAKE_CXX_COMPILER}" "${WENGERT_GCC_DRIVER}")
  execute_process(COMMAND "${driver}" -print-file-name=include OUTPUT_VARIABLE dir OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
  execute_process(COMMAND "${driver}" -print-file-name=libbacktrace.a OUTPUT_VARIABLE archive OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
  if(EXISTS "${dir}/backtrace.h" AND IS_ABSOLUTE "${archive}" AND EXISTS "${archive}")
    set(WENGERT_BACKTRACE_INCLUDE_DIR "${dir}")
    set(WENGERT_BACKTRACE_LIBRARY "${archive}")
    break()
  endif()
endforeach()
if(NOT WENGERT_BACKTRACE_LIBRARY)
  message(STATUS "wengert: libbacktrace not found (it comes with g++); errors of guarded tapes will not tell source lines")
endif()

# xtensor as bare folders: its targets are visible in this folder only, and nothing but folders shall reach a user.
set(WENGERT_XTENSOR_INCLUDE_DIRS "")
foreach(target xtensor xtl)
  get_target_property(dirs ${target} INTERFACE_INCLUDE_DIRECTORIES)
  list(APPEND WENGERT_XTENSOR_INCLUDE_DIRS ${dirs})
endforeach()
list(REMOVE_DUPLICATES WENGERT_XTENSOR_INCLUDE_DIRS)
