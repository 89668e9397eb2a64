# hr_room(name DEPENDS rooms... LIBRARIES targets...): src/headrace/<name>/ becomes the library
# hr_<name>; its *_test.cc become <name>_test, its *_bench.cc <name>_bench, each *_fuzz.cc one
# libFuzzer program.

add_library(hr_flags INTERFACE)
target_include_directories(hr_flags INTERFACE $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/src>
  $<INSTALL_INTERFACE:include>)
# Warnings are for this checkout, not for who links the installed library.
target_compile_options(hr_flags INTERFACE "$<BUILD_INTERFACE:-Wall;-Wextra;-Wconversion;-Wshadow>"
  $<BUILD_INTERFACE:-Wno-missing-field-initializers>
  $<BUILD_INTERFACE:$<$<BOOL:${HEADRACE_WERROR}>:-Werror>>)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  # False alarms inside std::string at -O2 (GCC bug 105651).
  target_compile_options(hr_flags INTERFACE
    "$<BUILD_INTERFACE:-Wno-array-bounds;-Wno-stringop-overflow>"
    "$<BUILD_INTERFACE:-Wno-stringop-overread;-Wno-restrict>")
endif()
target_compile_definitions(hr_flags INTERFACE HEADRACE_VERSION="${PROJECT_VERSION}")
if(HEADRACE_SANITIZE)
  target_compile_options(hr_flags INTERFACE -fsanitize=${HEADRACE_SANITIZE} -fno-omit-frame-pointer)
  target_link_options(hr_flags INTERFACE -fsanitize=${HEADRACE_SANITIZE})
endif()
if(HEADRACE_FUZZ)
  target_compile_options(hr_flags INTERFACE -fsanitize=fuzzer-no-link)
endif()
target_link_libraries(hr_flags INTERFACE fmt::fmt Threads::Threads PkgConfig::xxhash)

add_library(hr_pch STATIC ${PROJECT_SOURCE_DIR}/cmake/pch.cc)
target_link_libraries(hr_pch PUBLIC hr_flags)
target_precompile_headers(hr_pch PUBLIC <algorithm> <array> <atomic> <chrono> <cstdint> <cstring>
  <expected> <filesystem> <functional> <memory> <mutex> <optional> <span> <string> <string_view>
  <thread> <vector> <fmt/format.h>)

# With CMAKE_UNITY_BUILD several sources are compiled as one, which makes a whole build three times
# as fast. Highway includes a source once for each processor it serves: such a one stays alone.
function(hr_alone_where_compiled_for_many_targets)
  foreach(source ${ARGN})
    file(STRINGS ${source} again REGEX "HWY_TARGET_INCLUDE" LIMIT_COUNT 1)
    if(again)
      set_source_files_properties(${source} PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)
    endif()
  endforeach()
endfunction()

function(hr_room name)
  cmake_parse_arguments(ROOM "" "" "DEPENDS;LIBRARIES" ${ARGN})
  set(folder ${PROJECT_SOURCE_DIR}/src/headrace/${name})
  file(GLOB sources CONFIGURE_DEPENDS ${folder}/*.cc)
  file(GLOB tests CONFIGURE_DEPENDS ${folder}/*_test.cc)
  file(GLOB benches CONFIGURE_DEPENDS ${folder}/*_bench.cc)
  file(GLOB fuzzers CONFIGURE_DEPENDS ${folder}/*_fuzz.cc)
  if(tests OR benches OR fuzzers)
    list(REMOVE_ITEM sources ${tests} ${benches} ${fuzzers})
  endif()
  hr_alone_where_compiled_for_many_targets(${sources})
  list(TRANSFORM ROOM_DEPENDS PREPEND hr_)
  set_property(GLOBAL APPEND PROPERTY hr_rooms hr_${name})
  if(sources)
    add_library(hr_${name} STATIC ${sources})
    target_precompile_headers(hr_${name} REUSE_FROM hr_pch)
    target_link_libraries(hr_${name} PUBLIC hr_flags ${ROOM_DEPENDS} ${ROOM_LIBRARIES})
  else()
    add_library(hr_${name} INTERFACE)
    target_link_libraries(hr_${name} INTERFACE hr_flags ${ROOM_DEPENDS} ${ROOM_LIBRARIES})
  endif()
  if(HEADRACE_TESTS AND tests)
    hr_test(${name}_test SOURCES ${tests} LIBRARIES hr_${name})
  endif()
  if(HEADRACE_BENCHES AND benches)
    add_executable(${name}_bench ${benches})
    target_link_libraries(${name}_bench PRIVATE hr_${name} benchmark::benchmark_main)
  endif()
  if(HEADRACE_FUZZ)
    foreach(source ${fuzzers})
      get_filename_component(fuzzer ${source} NAME_WE)
      add_executable(${fuzzer} ${source})
      target_link_libraries(${fuzzer} PRIVATE hr_${name})
      target_link_options(${fuzzer} PRIVATE -fsanitize=fuzzer)
    endforeach()
  endif()
endfunction()

function(hr_test name)
  cmake_parse_arguments(TEST "" "" "SOURCES;LIBRARIES" ${ARGN})
  add_executable(${name} ${TEST_SOURCES})
  target_precompile_headers(${name} REUSE_FROM hr_pch)
  target_link_libraries(${name} PRIVATE ${TEST_LIBRARIES} GTest::gmock GTest::gtest_main)
  add_test(NAME ${name} COMMAND ${name})
endfunction()
