// Which rows are left, where their bytes lie, and what happens when there is no room.
#include "headrace/loader/deferred.h"

#include <gtest/gtest.h>

#include <thread>

namespace headrace::loader {
namespace {

class DeferredTest : public testing::Test {
 protected:
  DeferredTest() { field_.take_room(room_, 64); }
  std::vector<std::byte> room_ = std::vector<std::byte>(1024);
  DeferredField field_;
  const std::vector<std::byte> bytes_ = std::vector<std::byte>(100, std::byte{7});
};

TEST_F(DeferredTest, wants_its_share_of_rows_spread_over_the_batch) {
  for (const uint32_t share : {0u, 256u, 512u, k_share_whole}) {
    field_.begin(share);
    uint32_t wanted = 0, run = 0, longest_run = 0;
    for (uint32_t row = 0; row < 64; ++row) {
      run = field_.wants(row) ? 0 : run + 1;
      longest_run = std::max(longest_run, run);
      wanted += field_.wants(row) ? 1 : 0;
    }
    EXPECT_EQ(wanted, 64 * share / k_share_whole);
    EXPECT_LE(longest_run, share == 0 ? 64 : k_share_whole / share);
  }
}

TEST_F(DeferredTest, refuses_rows_when_room_runs_out_and_begins_anew) {
  field_.begin(k_share_whole);
  uint32_t count = 0;
  while (field_.put(count, bytes_, {})) ++count;
  EXPECT_EQ(count, 8u);  // of 128 bytes
  EXPECT_TRUE(field_.is_deferred(7));
  EXPECT_FALSE(field_.is_deferred(8));
  EXPECT_EQ(field_.used().size(), room_.size());
  field_.begin(k_share_whole);
  EXPECT_FALSE(field_.is_deferred(7));
  EXPECT_TRUE(field_.put(0, bytes_, {}));
  EXPECT_FALSE(field_.put(1, std::vector<std::byte>(2000), {}));
  EXPECT_FALSE(field_.put(1, {}, {}));
}

TEST_F(DeferredTest, keeps_each_rows_bytes_when_several_threads_put_them) {
  field_.begin(k_share_whole);
  {
    std::vector<std::jthread> threads;
    for (uint32_t row = 0; row < 8; ++row) {
      threads.emplace_back([this, row] {
        EXPECT_TRUE(field_.put(row, std::vector<std::byte>(60, static_cast<std::byte>(row)), {}));
      });
    }
  }
  for (uint32_t row = 0; row < 8; ++row) {
    EXPECT_EQ(field_.bytes_of(row).size(), 60u);
    EXPECT_EQ(field_.bytes_of(row)[59], static_cast<std::byte>(row));
  }
}

TEST_F(DeferredTest, of_a_field_without_room_leaves_nothing) {
  DeferredField none;
  none.begin(k_share_whole);
  EXPECT_FALSE(none.can_defer());
  EXPECT_FALSE(none.is_deferred(0));
}

}  // namespace
}  // namespace headrace::loader
