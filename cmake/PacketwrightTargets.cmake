# SPDX-License-Identifier: Apache-2.0
# packetwright_library(), packetwright_test(), packetwright_fuzz(), packetwright_bench().
# A folder is a library, a namespace and a ctest label: one word everywhere.
include_guard(GLOBAL)
include(GNUInstallDirs)

# g++ 12 with optimisation takes short vectors and texts that grow for writes past their end. Tests
# and fuzz targets are full of them.
function(packetwright_spare_false_alarms target)
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    target_compile_options(${target} PRIVATE
      -Wno-array-bounds -Wno-stringop-overflow -Wno-stringop-overread -Wno-restrict)
  endif()
endfunction()

# How targets of a kind are compiled: `tests`, `stack` or `harness`.
function(packetwright_compile_as kind target)
  target_link_libraries(${target} PRIVATE
    $<BUILD_INTERFACE:packetwright_warnings> $<BUILD_INTERFACE:packetwright_sanitizers>)
  if(kind STREQUAL "tests")
    packetwright_spare_false_alarms(${target})
    # What is tested is optimised; to optimise the tests would take g++ longer than they run.
    if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
      target_compile_options(${target} PRIVATE -O0)
    endif()
  elseif(kind STREQUAL "stack")
    # The stack promises to need neither exceptions nor RTTI; this keeps the promise true.
    target_compile_options(${target} PRIVATE -fno-exceptions -Wswitch-enum)
    if(NOT PW_SANITIZERS)  # UBSan's vptr check needs RTTI
      target_compile_options(${target} PRIVATE -fno-rtti)
    endif()
  endif()
endfunction()

# Precompiled headers save a third of the time of a full build; all targets of a kind share them.
# Some builds go without in what is not a test, so that a missing #include is still found; and
# g++ 12 sees writes past the end in what it reads so.
function(packetwright_precompile kind target)
  if(NOT PW_PCH OR (PW_PCH STREQUAL "TESTS" AND NOT kind STREQUAL "tests"))
    return()
  endif()
  set(headers packetwright_headers_of_${kind})
  if(NOT TARGET ${headers})
    set(nothing ${PROJECT_BINARY_DIR}/${headers}.cc)
    file(CONFIGURE OUTPUT ${nothing} CONTENT "int main() {}\n")
    set(more)
    if(kind STREQUAL "tests")
      add_executable(${headers} ${nothing})
      target_link_libraries(${headers} PRIVATE GTest::gmock)
      set(more <gmock/gmock.h> <gtest/gtest.h>)
    else()
      add_library(${headers} OBJECT ${nothing})
    endif()
    packetwright_compile_as(${kind} ${headers})
    target_precompile_headers(${headers} PRIVATE <algorithm> <array> <cstdint> <functional> <map>
      <memory> <optional> <span> <string> <string_view> <utility> <variant> <vector> ${more})
  endif()
  target_precompile_headers(${target} REUSE_FROM ${headers})
endfunction()

# packetwright_library(tcp SRCS a.cc b.cc HDRS a.hh DEPS packetwright::base [PRIVATE_DEPS fmt::fmt])
# Makes packetwright_<name> with the alias packetwright::<name>. Includes are written from the
# root of the checkout ("stack/wire/tcp.hh"). A library without SRCS is an INTERFACE library.
function(packetwright_library name)
  cmake_parse_arguments(arg "" "" "SRCS;HDRS;DEPS;PRIVATE_DEPS" ${ARGN})
  set(target packetwright_${name})
  if(arg_SRCS)
    add_library(${target} STATIC ${arg_SRCS} ${arg_HDRS})
    set(scope PUBLIC)
    cmake_path(RELATIVE_PATH CMAKE_CURRENT_SOURCE_DIR BASE_DIRECTORY ${PROJECT_SOURCE_DIR}
               OUTPUT_VARIABLE folder)
    string(REGEX MATCH "^[a-z]+" kind "${folder}")
    packetwright_compile_as(${kind} ${target})
    packetwright_precompile(${kind} ${target})
    target_link_libraries(${target} PRIVATE ${arg_PRIVATE_DEPS})
  else()
    add_library(${target} INTERFACE)
    set(scope INTERFACE)
  endif()
  add_library(packetwright::${name} ALIAS ${target})
  set_target_properties(${target} PROPERTIES EXPORT_NAME ${name})
  target_compile_features(${target} ${scope} cxx_std_20)
  target_include_directories(${target} ${scope}
    $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}>
    $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}/packetwright>)
  target_link_libraries(${target} ${scope} ${arg_DEPS})
  set_property(GLOBAL APPEND PROPERTY PW_LIBRARIES ${target})
endfunction()

# packetwright_test(tcp SRCS a_test.cc DEPS packetwright::tcp [DATA_DIR conformance])
# One executable per folder, one ctest entry per folder, labelled with the folder's name.
function(packetwright_test name)
  if(NOT PW_TESTS)
    return()
  endif()
  cmake_parse_arguments(arg "" "" "SRCS;DEPS" ${ARGN})
  set(target ${name}_test)
  add_executable(${target} ${arg_SRCS})
  packetwright_compile_as(tests ${target})
  packetwright_precompile(tests ${target})
  target_link_libraries(${target} PRIVATE ${arg_DEPS} GTest::gmock GTest::gtest_main)
  target_include_directories(${target} PRIVATE ${PROJECT_SOURCE_DIR})
  target_compile_definitions(${target} PRIVATE PW_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
  cmake_path(RELATIVE_PATH CMAKE_CURRENT_SOURCE_DIR BASE_DIRECTORY ${PROJECT_SOURCE_DIR}
             OUTPUT_VARIABLE folder)
  string(REPLACE "/" "." entry "${folder}")
  if(TEST ${entry})  # the second program of a folder
    string(APPEND entry ".${name}")
  endif()
  add_test(NAME ${entry} COMMAND ${target} --gtest_brief=1 WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
  set_tests_properties(${entry} PROPERTIES LABELS ${name} TIMEOUT 600)
endfunction()

# packetwright_fuzz(wire_tcp SRCS wire/tcp_fuzz.cc DEPS packetwright::wire)
# With PW_LIBFUZZER: a libFuzzer binary. Always: a plain replayer that ctest runs over
# corpus/<name>/, with any compiler.
function(packetwright_fuzz name)
  cmake_parse_arguments(arg "" "" "SRCS;DEPS" ${ARGN})
  set(replay ${name}_replay)
  add_executable(${replay} ${arg_SRCS} ${PROJECT_SOURCE_DIR}/fuzz/support/replay_main.cc)
  target_link_libraries(${replay} PRIVATE ${arg_DEPS} packetwright_warnings packetwright_sanitizers)
  target_include_directories(${replay} PRIVATE ${PROJECT_SOURCE_DIR})
  packetwright_spare_false_alarms(${replay})
  if(PW_TESTS)
    add_test(NAME fuzz.replay.${name} COMMAND ${replay} ${PROJECT_SOURCE_DIR}/corpus/${name})
    set_tests_properties(fuzz.replay.${name} PROPERTIES LABELS fuzz TIMEOUT 600)
  endif()
  if(PW_LIBFUZZER)
    set(fuzzer ${name}_fuzz)
    add_executable(${fuzzer} ${arg_SRCS})
    target_link_libraries(${fuzzer} PRIVATE ${arg_DEPS} packetwright_warnings
                          packetwright_sanitizers)
    target_include_directories(${fuzzer} PRIVATE ${PROJECT_SOURCE_DIR})
    if(DEFINED ENV{LIB_FUZZING_ENGINE})
      target_link_libraries(${fuzzer} PRIVATE $ENV{LIB_FUZZING_ENGINE})
    else()
      target_link_options(${fuzzer} PRIVATE -fsanitize=fuzzer)
    endif()
  endif()
endfunction()

# packetwright_bench(wire SRCS wire_bench.cc DEPS packetwright::wire)
function(packetwright_bench name)
  cmake_parse_arguments(arg "" "" "SRCS;DEPS" ${ARGN})
  find_package(benchmark REQUIRED)
  add_executable(${name}_bench ${arg_SRCS})
  target_link_libraries(${name}_bench PRIVATE ${arg_DEPS} benchmark::benchmark_main
    packetwright_warnings packetwright_sanitizers)
  target_include_directories(${name}_bench PRIVATE ${PROJECT_SOURCE_DIR})
  target_compile_definitions(${name}_bench PRIVATE PW_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
endfunction()
