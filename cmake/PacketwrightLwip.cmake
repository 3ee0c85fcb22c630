# SPDX-License-Identifier: Apache-2.0
# lwIP, as a stack to test and to compare with. Its source is not ours to carry: it is a checkout
# that the user names.
include_guard()
set(PW_LWIP_DIR "" CACHE PATH "A checkout of lwIP 2.2, to test and to compare with")

# Why there is no lwIP; empty: there is, and packetwright_lwip_sources lists it.
set(packetwright_lwip_missing "")
set(lwip_version "")
if(EXISTS "${PW_LWIP_DIR}/src/include/lwip/init.h")
  file(STRINGS "${PW_LWIP_DIR}/src/include/lwip/init.h" lines
       REGEX "^#define LWIP_VERSION_(MAJOR|MINOR) ")
  string(REGEX REPLACE "[^0-9;]" "" lwip_version "${lines}")
endif()
if(NOT PW_LWIP_DIR)
  set(packetwright_lwip_missing "PW_LWIP_DIR names no checkout")
elseif(NOT lwip_version STREQUAL "2;2")
  set(packetwright_lwip_missing "${PW_LWIP_DIR} is not lwIP 2.2")
else()
  # lwIP's own list can be read once, wherever that is.
  get_property(packetwright_lwip_sources GLOBAL PROPERTY PW_LWIP_SOURCES)
  if(NOT packetwright_lwip_sources)
    set(LWIP_DIR "${PW_LWIP_DIR}")
    include("${PW_LWIP_DIR}/src/Filelists.cmake")
    set(packetwright_lwip_sources ${lwipcore_SRCS} ${lwipcore4_SRCS} ${lwipcore6_SRCS}
      "${PW_LWIP_DIR}/src/netif/ethernet.c")
    set_property(GLOBAL PROPERTY PW_LWIP_SOURCES "${packetwright_lwip_sources}")
  endif()
endif()
