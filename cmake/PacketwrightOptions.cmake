# SPDX-License-Identifier: Apache-2.0
# Every option of the build, and the two INTERFACE targets that carry our own flags.
# Consumers of an installed packetwright inherit neither.

option(PW_HARNESS "Build the harness and the packetwright command" ${PROJECT_IS_TOP_LEVEL})
option(PW_TESTS "Build the tests" ${PROJECT_IS_TOP_LEVEL})
option(PW_FUZZ "Build the fuzz targets (with libFuzzer under clang, else as replayers)"
       ${PROJECT_IS_TOP_LEVEL})
option(PW_FAULTS "Offer packetwright-faults, which is built when it is asked for"
       ${PROJECT_IS_TOP_LEVEL})
option(PW_BENCH "Build the benchmarks" OFF)
option(PW_PYTHON "Build the Python module; needs the headers of Python, and pybind11" OFF)
option(PW_WERROR "Warnings are errors" ${PROJECT_IS_TOP_LEVEL})
option(PW_LIBFUZZER "Link fuzz targets with libFuzzer (clang only)" OFF)
set(PW_PCH OFF CACHE STRING "Precompile the headers of the standard library and of googletest: ON, \
OFF, or TESTS, in tests alone")
set(PW_SANITIZERS "" CACHE STRING "Sanitizers, comma separated: address,undefined")

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
if(NOT CMAKE_BUILD_TYPE AND PROJECT_IS_TOP_LEVEL)
  set(CMAKE_BUILD_TYPE RelWithDebInfo CACHE STRING "Build type" FORCE)
endif()
# Paths in the binaries are relative to the checkout, so that two checkouts build the same bytes.
add_compile_options("-ffile-prefix-map=${PROJECT_SOURCE_DIR}/=")

add_library(packetwright_warnings INTERFACE)
target_compile_options(packetwright_warnings INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Wold-style-cast -Wcast-qual
  -Woverloaded-virtual -Wimplicit-fallthrough -Wformat=2 -Wundef
  # g++ 12 with optimisation takes the unread half of an optional or variant for a bug.
  $<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized>
  # And with -O3 a text that is put together for one that overlaps itself (GCC bug 105329).
  $<$<AND:$<CXX_COMPILER_ID:GNU>,$<CONFIG:Release>>:-Wno-restrict>
  $<$<BOOL:${PW_WERROR}>:-Werror>)

add_library(packetwright_sanitizers INTERFACE)
if(PW_SANITIZERS)
  target_compile_options(packetwright_sanitizers INTERFACE
    -fsanitize=${PW_SANITIZERS} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(packetwright_sanitizers INTERFACE -fsanitize=${PW_SANITIZERS})
endif()

if(PW_TESTS)
  enable_testing()
  find_package(GTest REQUIRED)
endif()

if(PW_PYTHON)
  find_package(Python 3.9 REQUIRED COMPONENTS Interpreter Development.Module)
  # pybind11 as pip installs it says where it is; as a system package it is found anyway.
  execute_process(COMMAND ${Python_EXECUTABLE} -m pybind11 --cmakedir
    OUTPUT_VARIABLE packetwright_pybind11 OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
  if(packetwright_pybind11)
    list(PREPEND CMAKE_PREFIX_PATH "${packetwright_pybind11}")
  endif()
  find_package(pybind11 2.10...<4 CONFIG REQUIRED)
endif()
