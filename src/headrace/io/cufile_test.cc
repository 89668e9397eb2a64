// The ways to device memory: which is made, what is missing, and the codes of blocking calls.
#include "headrace/io/cufile.h"

#include "headrace/io/cufile_case.h"

namespace headrace::io {
namespace {

class CuFileTest : public CuFileCase {};

TEST_F(CuFileTest, says_what_is_missing_and_how_to_get_it) {
  for (const char* engine : {"cufile", "cufile-batch", "cufile-stream", "bounce"}) {
    try {
      make_ring({.engine = engine});
      GTEST_SKIP() << "this machine has it";
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), Code::unsupported);
      EXPECT_NE(std::string(error.what()).find("comes with"), std::string::npos) << error.what();
    }
  }
}

TEST_F(CuFileTest, takes_an_errno_and_a_code_for_what_they_are) {
  faults_.fail_nth = 1;
  faults_.fail_code = -1;
  EXPECT_EQ(result_of_one("cufile"), -EIO);
  faults_.transfers = 0;
  faults_.fail_code = -5030;
  EXPECT_EQ(result_of_one("cufile"), -EIO);
  faults_.transfers = 0;
  EXPECT_EQ(result_of_one("cufile", {.io_error = 1}), 1000);
}

TEST_F(CuFileTest, goes_on_after_a_short_transfer) {
  for (const char* engine : {"cufile", "cufile-batch", "cufile-stream"}) {
    faults_.transfers = 0;
    faults_.short_nth = 1;
    EXPECT_EQ(result_of_one(engine), 1000) << engine;
    EXPECT_EQ(faults_.transfers, 2) << engine;
  }
}

TEST_F(CuFileTest, works_when_the_arena_may_not_be_registered) {
  faults_.buffer_error = 5016;
  const auto ring = make_tested_ring({.engine = "cufile", .depth = 4, .arena = arena_.bytes()});
  EXPECT_FALSE(ring->info().registered);
  EXPECT_EQ(result_of_one("cufile"), 1000);
}

TEST_F(CuFileTest, is_compatible_without_the_kernel_module_or_when_told_so) {
  ::setenv("CUFILE_FORCE_COMPAT_MODE", "true", 1);
  EXPECT_TRUE(cufile_is_compatible());
  ::unsetenv("CUFILE_FORCE_COMPAT_MODE");
  EXPECT_EQ(cufile_is_compatible(), !std::filesystem::exists("/proc/driver/nvidia-fs/stats"));
}

}  // namespace
}  // namespace headrace::io
