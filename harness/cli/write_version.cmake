# SPDX-License-Identifier: Apache-2.0
# Writes packetwright_version.hh with the commit of the checkout, and touches it only when it
# changes: a build after a build does nothing. Run as: cmake -D... -P write_version.cmake
cmake_minimum_required(VERSION 3.25)
execute_process(COMMAND git describe --always --dirty --abbrev=12 --exclude=*
                WORKING_DIRECTORY ${SOURCE_DIR}
                OUTPUT_VARIABLE commit OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
file(CONFIGURE OUTPUT ${OUTPUT} @ONLY CONTENT
"// Written by harness/cli/write_version.cmake.
#pragma once
#define PW_VERSION \"@VERSION@\"
#define PW_COMMIT \"@commit@\"
#define PW_BUILD \"@BUILD@\"
")
