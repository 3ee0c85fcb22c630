# SPDX-License-Identifier: Apache-2.0
# install() rules and the package files for find_package(packetwright CONFIG).
include(CMakePackageConfigHelpers)
