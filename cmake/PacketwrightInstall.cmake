# SPDX-License-Identifier: Apache-2.0
# Install rules: the command with its cases, and the libraries for find_package(packetwright).
include(CMakePackageConfigHelpers)

get_property(libraries GLOBAL PROPERTY PW_LIBRARIES)
install(TARGETS ${libraries} EXPORT packetwright
  ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR}/packetwright)
install(EXPORT packetwright NAMESPACE packetwright:: FILE packetwright-targets.cmake
  DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/packetwright)

configure_package_config_file(
  ${CMAKE_CURRENT_LIST_DIR}/packetwright-config.cmake.in
  ${PROJECT_BINARY_DIR}/packetwright-config.cmake
  INSTALL_DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/packetwright)
write_basic_package_version_file(${PROJECT_BINARY_DIR}/packetwright-config-version.cmake
  COMPATIBILITY SameMinorVersion)
install(FILES
  ${PROJECT_BINARY_DIR}/packetwright-config.cmake
  ${PROJECT_BINARY_DIR}/packetwright-config-version.cmake
  DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/packetwright)

install(DIRECTORY ${PROJECT_SOURCE_DIR}/stack ${PROJECT_SOURCE_DIR}/harness
  DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/packetwright
  FILES_MATCHING PATTERN "*.hh" PATTERN "*.h")
install(DIRECTORY ${PROJECT_SOURCE_DIR}/conformance
  DESTINATION ${CMAKE_INSTALL_DATADIR}/packetwright)
if(TARGET packetwright_cli)
  install(TARGETS packetwright_cli RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
endif()
