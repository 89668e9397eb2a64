// Setting up rings: depths the kernel does not have, and buffers it does not register.
#include "headrace/io/uring_setup.h"

#include <gtest/gtest.h>

#include <fstream>

#include <fcntl.h>
#include <sys/mman.h>

#include "headrace/base/temp_folder.h"
#include "headrace/base/unique_fd.h"

namespace headrace::io {
namespace {

class UringSetupTest : public ::testing::Test {
 public:
  void SetUp() override {
    auto setup = set_up_uring(8);
    if (!setup) GTEST_SKIP() << setup.error();
    ring_ = setup->ring;
    made_ = true;
    EXPECT_EQ(setup->depth, 8u);
  }
  void TearDown() override {
    if (made_) ::io_uring_queue_exit(&ring_);
  }

 protected:
  ::io_uring ring_ = {};
  bool made_ = false;
};

TEST_F(UringSetupTest, gives_the_depth_asked_though_the_kernel_rounds_up) {
  auto odd = set_up_uring(13);
  ASSERT_TRUE(odd) << odd.error();
  EXPECT_EQ(odd->depth, 13u);
  ::io_uring_queue_exit(&odd->ring);
}

TEST_F(UringSetupTest, leaves_no_completion_of_its_probe_behind) {
  io_uring_cqe* entry = nullptr;
  EXPECT_EQ(::io_uring_peek_cqe(&ring_, &entry), -EAGAIN);
  EXPECT_EQ(::io_uring_sq_ready(&ring_), 0u);
}

TEST_F(UringSetupTest, registers_nothing_of_nothing) {
  int refusal = 0;
  EXPECT_EQ(register_buffers(ring_, {}, refusal), 0u);
  EXPECT_EQ(refusal, 0);
}

// Pages of an ordinary file may not be pinned for writing by a device.
TEST_F(UringSetupTest, says_why_memory_of_a_file_is_not_registered) {
  const TempFolder folder;
  std::ofstream(folder / "data") << std::string(8192, 'x');
  const UniqueFd fd(::open((folder / "data").c_str(), O_RDWR));
  void* at = ::mmap(nullptr, 8192, PROT_READ | PROT_WRITE, MAP_SHARED, fd.get(), 0);
  ASSERT_NE(at, MAP_FAILED);
  int refusal = 0;
  const uint64_t size = register_buffers(ring_, {static_cast<std::byte*>(at), 8192}, refusal);
  ::munmap(at, 8192);
  if (size == 8192) GTEST_SKIP() << "this file system allows it";
  EXPECT_EQ(size, 0u);
  EXPECT_NE(refusal, 0);
}

}  // namespace
}  // namespace headrace::io
