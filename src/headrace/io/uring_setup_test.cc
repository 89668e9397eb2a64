// Setting up rings: depths the kernel does not have, and kinds of polling that it refuses.
#include "headrace/io/uring_setup.h"

#include <gtest/gtest.h>

#include <fstream>

#include "headrace/base/temp_folder.h"

namespace headrace::io {
namespace {

class UringSetupTest : public ::testing::Test {
 public:
  void SetUp() override {
    auto setup = set_up_uring({.depth = 8});
    if (!setup) GTEST_SKIP() << setup.error();
    ring_ = setup->ring;
    made_ = true;
    EXPECT_EQ(setup->depth, 8u);
  }
  void TearDown() override {
    if (made_) tear_down_uring(ring_);
  }

 protected:
  ::io_uring ring_ = {};
  bool made_ = false;
};

TEST_F(UringSetupTest, gives_the_depth_asked_though_the_kernel_rounds_up) {
  auto odd = set_up_uring({.depth = 13});
  ASSERT_TRUE(odd) << odd.error();
  EXPECT_EQ(odd->depth, 13u);
  tear_down_uring(odd->ring);
}

TEST_F(UringSetupTest, leaves_no_completion_of_its_probe_behind) {
  io_uring_cqe* entry = nullptr;
  EXPECT_EQ(::io_uring_peek_cqe(&ring_, &entry), -EAGAIN);
  EXPECT_EQ(::io_uring_sq_ready(&ring_), 0u);
}

TEST_F(UringSetupTest, lets_the_kernel_take_submissions_where_that_is_asked_for) {
  auto polled = set_up_uring({.depth = 8, .sqpoll = true});
  ASSERT_TRUE(polled) << polled.error();
  if (!polled->sqpoll) {
    EXPECT_NE(polled->not_granted.find("without sqpoll"), std::string::npos);
  }
  EXPECT_EQ((polled->ring.flags & IORING_SETUP_SQPOLL) != 0, polled->sqpoll);
  tear_down_uring(polled->ring);
}

// A file without direct I/O cannot be polled anywhere; a real one only on a device with queues for
// it.
TEST_F(UringSetupTest, polls_completions_only_after_a_read_has_shown_that_it_can) {
  const TempFolder folder;
  std::ofstream(folder / "data") << std::string(8192, 'x');
  for (const Caching caching : {Caching::page, Caching::direct}) {
    const auto file = File::open(real_files(), folder / "data", caching);
    auto polled = set_up_uring({.depth = 8, .iopoll_on = file.get()});
    ASSERT_TRUE(polled) << polled.error();
    EXPECT_EQ((polled->ring.flags & IORING_SETUP_IOPOLL) != 0, polled->iopoll);
    if (!polled->iopoll) {
      EXPECT_NE(polled->not_granted.find("without iopoll"), std::string::npos);
    }
    if (caching == Caching::page) {
      EXPECT_FALSE(polled->iopoll);
    }
    tear_down_uring(polled->ring);
  }
}

}  // namespace
}  // namespace headrace::io
