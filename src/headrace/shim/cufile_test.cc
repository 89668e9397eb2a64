// libcufile by its symbols: there, absent, too old, or not willing.
#include "headrace/shim/cufile.h"

#include <gtest/gtest.h>

#include "headrace/shim/stand_in.h"

namespace headrace::shim {
namespace {

TEST(CuFile, opens_a_library_with_all_symbols_and_its_driver) {
  const auto file = CuFile::open(stand_in_path("cufile"));
  ASSERT_TRUE(file) << file.error();
  EXPECT_NE((*file)->batch_destroy, nullptr);
}

TEST(CuFile, says_how_to_get_a_library_that_is_not_there) {
  const auto file = CuFile::open("libnowhere.so.0");
  ASSERT_FALSE(file);
  EXPECT_NE(file.error().find("libnowhere.so.0"), std::string::npos);
  EXPECT_NE(file.error().find("install its package libcufile"), std::string::npos);
}

TEST(CuFile, names_the_first_symbol_that_a_library_lacks) {
  const auto file = CuFile::open("libc.so.6");
  ASSERT_FALSE(file);
  EXPECT_NE(file.error().find("lacks cuFileDriverOpen"), std::string::npos);
}

TEST(CuFile, tells_a_driver_that_does_not_start_with_its_code) {
  StandInFaults& faults = faults_of_stand_in("cufile");
  faults.driver_error = 5010;
  const auto file = CuFile::open(stand_in_path("cufile"));
  faults.reset();
  ASSERT_FALSE(file);
  EXPECT_NE(file.error().find("5010"), std::string::npos);
  EXPECT_NE(file.error().find("gdscheck"), std::string::npos);
}

}  // namespace
}  // namespace headrace::shim
