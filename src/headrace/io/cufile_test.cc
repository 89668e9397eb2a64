// The ways to device memory: which is made, what is missing, and the codes of blocking calls.
#include "headrace/io/cufile.h"

#include "headrace/io/ring_contract.h"

namespace headrace::io {
namespace {

class CuFileTest : public ::testing::Test {
 public:
  void SetUp() override {
    write_file(folder_ / "data", 100'000);
    file_ = File::open(real_files(), folder_ / "data", Caching::page);
  }
  void TearDown() override { faults_.reset(); }
  int64_t result_of_one(const char* engine, Retries retries = {}) {
    const auto ring = make_tested_ring(
        {.engine = engine, .depth = 4, .arena = arena_.bytes(), .retries = retries});
    const Read read{.file = file_.get(), .length_bytes = 1000, .target = arena_.bytes()};
    EXPECT_EQ(ring->submit({&read, 1}), 1u);
    Done done;
    EXPECT_EQ(ring->wait({&done, 1}, 1, k_no_deadline), 1u);
    return done.result;
  }

 protected:
  TempFolder folder_;
  memory::Arena arena_{{.size_bytes = 65536}};
  std::unique_ptr<File> file_;
  shim::StandInFaults& faults_ = shim::faults_of_stand_in("cufile");
};

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
