# cmake --install BUILD --component library --prefix DIR: for C++ programs that say
# find_package(headrace) and link headrace::headrace. --component command: the program.
get_property(rooms GLOBAL PROPERTY hr_rooms)
add_library(hr_headrace INTERFACE)
set_target_properties(hr_headrace PROPERTIES EXPORT_NAME headrace)
target_link_libraries(hr_headrace INTERFACE ${rooms})

install(TARGETS hr_headrace hr_flags ${rooms} EXPORT headrace
  ARCHIVE DESTINATION lib COMPONENT library)
install(DIRECTORY src/headrace DESTINATION include COMPONENT library FILES_MATCHING PATTERN "*.h")
install(EXPORT headrace NAMESPACE headrace:: FILE headrace-targets.cmake
  DESTINATION lib/cmake/headrace COMPONENT library)
include(CMakePackageConfigHelpers)
write_basic_package_version_file(${PROJECT_BINARY_DIR}/headrace-config-version.cmake
  COMPATIBILITY SameMinorVersion)
install(FILES cmake/headrace-config.cmake cmake/dependencies.cmake
  ${PROJECT_BINARY_DIR}/headrace-config-version.cmake
  DESTINATION lib/cmake/headrace COMPONENT library)
install(TARGETS headrace RUNTIME DESTINATION bin COMPONENT command)
