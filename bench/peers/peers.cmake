# SPDX-License-Identifier: Apache-2.0
# The other stacks that peers_bench compares ours with. Their sources are not ours to carry: lwIP is
# a checkout that the user names, smoltcp is fetched by cargo at the version that Cargo.lock pins.
include(PacketwrightLwip)
option(PW_SMOLTCP "Fetch the smoltcp crate with cargo, to test and to compare with" OFF)

set(peers_sources "")
set(peers_libraries "")
set(peers_definitions "")

if(packetwright_lwip_missing)
  message(STATUS "peers_bench: without lwIP (${packetwright_lwip_missing})")
else()
  add_library(peers_lwip STATIC ${packetwright_lwip_sources})
  target_include_directories(peers_lwip SYSTEM PUBLIC
    "${PW_LWIP_DIR}/src/include" "${CMAKE_CURRENT_LIST_DIR}/lwip")
  list(APPEND peers_sources peers/lwip_host.cc)
  list(APPEND peers_libraries peers_lwip)
  list(APPEND peers_definitions PW_HAVE_LWIP)
endif()

find_program(PW_CARGO cargo)
if(NOT PW_SMOLTCP)
  message(STATUS "peers_bench: without smoltcp (PW_SMOLTCP is OFF)")
elseif(NOT PW_CARGO)
  message(STATUS "peers_bench: without smoltcp (there is no cargo)")
else()
  set(crate "${CMAKE_CURRENT_LIST_DIR}/smoltcp")
  set(archive "${CMAKE_CURRENT_BINARY_DIR}/smoltcp/release/libpeers_smoltcp.a")
  add_custom_command(OUTPUT "${archive}"
    COMMAND "${PW_CARGO}" build --quiet --release --locked --manifest-path "${crate}/Cargo.toml"
            --target-dir "${CMAKE_CURRENT_BINARY_DIR}/smoltcp"
    DEPENDS "${crate}/Cargo.toml" "${crate}/Cargo.lock" "${crate}/src/lib.rs"
    COMMENT "Building smoltcp with cargo")
  add_custom_target(peers_smoltcp DEPENDS "${archive}")
  list(APPEND peers_sources peers/smoltcp_host.cc)
  list(APPEND peers_libraries "${archive}" ${CMAKE_DL_LIBS})
  list(APPEND peers_definitions PW_HAVE_SMOLTCP)
endif()
