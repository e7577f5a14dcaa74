# The package: headers, library, CMake config, pkg-config files. Everything in it is relative to where it stands.
include(CMakePackageConfigHelpers)

install(TARGETS wengert EXPORT wengertTargets
  LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(DIRECTORY "${PROJECT_SOURCE_DIR}/include/wengert" DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}
  FILES_MATCHING PATTERN "*.hpp")
install(FILES "${PROJECT_SOURCE_DIR}/LICENSE" "${PROJECT_SOURCE_DIR}/CHANGELOG.md" DESTINATION ${CMAKE_INSTALL_DOCDIR})

set(WENGERT_CMAKE_DIR "${CMAKE_INSTALL_LIBDIR}/cmake/wengert")
install(EXPORT wengertTargets NAMESPACE wengert:: DESTINATION ${WENGERT_CMAKE_DIR})
configure_package_config_file(cmake/wengertConfig.cmake.in wengertConfig.cmake
  INSTALL_DESTINATION ${WENGERT_CMAKE_DIR} NO_SET_AND_CHECK_MACRO)
# Before 1.0 a minor version may break its users.
write_basic_package_version_file(wengertConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES "${PROJECT_BINARY_DIR}/wengertConfig.cmake" "${PROJECT_BINARY_DIR}/wengertConfigVersion.cmake"
  DESTINATION ${WENGERT_CMAKE_DIR})

# Paths from the .pc file's own folder, so that the prefix can be moved.
set(WENGERT_PC_DIR "${CMAKE_INSTALL_LIBDIR}/pkgconfig")
cmake_path(IS_ABSOLUTE CMAKE_INSTALL_LIBDIR WENGERT_LIBDIR_IS_ABSOLUTE)
if(WENGERT_LIBDIR_IS_ABSOLUTE)
  set(WENGERT_PC_PREFIX "${CMAKE_INSTALL_PREFIX}")
else()
  file(RELATIVE_PATH WENGERT_PC_PREFIX "/${WENGERT_PC_DIR}" "/")
  string(REGEX REPLACE "/$" "" WENGERT_PC_PREFIX "\${pcfiledir}/${WENGERT_PC_PREFIX}")
endif()
foreach(dir LIBDIR INCLUDEDIR)
  set(WENGERT_PC_${dir} "\${prefix}")
  cmake_path(APPEND WENGERT_PC_${dir} "${CMAKE_INSTALL_${dir}}")
endforeach()
set(WENGERT_PC_NAME wengert)
set(WENGERT_PC_REQUIRES "Requires: xtensor")
configure_file(cmake/wengert.pc.in wengert.pc @ONLY)
set(WENGERT_PC_NAME wengert-core)
set(WENGERT_PC_REQUIRES "")
configure_file(cmake/wengert.pc.in wengert-core.pc @ONLY)
install(FILES "${PROJECT_BINARY_DIR}/wengert.pc" "${PROJECT_BINARY_DIR}/wengert-core.pc" DESTINATION ${WENGERT_PC_DIR})
