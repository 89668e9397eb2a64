# What find_package(headrace) reads: the system's libraries first, then headrace::headrace.
include(${CMAKE_CURRENT_LIST_DIR}/dependencies.cmake)
include(${CMAKE_CURRENT_LIST_DIR}/headrace-targets.cmake)
