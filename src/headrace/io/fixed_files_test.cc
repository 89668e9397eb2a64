// The table of often used files: who gets in, who is replaced, and that a descriptor that is used
// again is never taken for the old file.
#include "headrace/io/fixed_files.h"

#include <fcntl.h>

#include "headrace/base/error.h"
#include "headrace/io/ring_contract.h"
#include "headrace/io/uring_setup.h"

namespace headrace::io {
namespace {

class FixedFilesTest : public ::testing::Test {
 public:
  void SetUp() override {
    auto setup = set_up_uring({.depth = 4});
    if (!setup) GTEST_SKIP() << setup.error();
    ring_ = setup->ring;
    made_ = true;
    if (!files_.register_table(ring_)) GTEST_SKIP() << "no table of files (Linux 5.19)";
  }
  void TearDown() override {
    if (made_) tear_down_uring(ring_);
  }
  int use(uint64_t fd_key, uint32_t times, bool may_replace = true) {
    int index = -1;
    for (uint32_t time = 0; time < times; ++time) {
      index = files_.index_of(ring_, {.fd_key = fd_key, .fd = null_.get()}, may_replace);
    }
    return index;
  }

 protected:
  static constexpr uint64_t k_rival = 7 + FixedFiles::k_count;  // of key 7
  ::io_uring ring_ = {};
  bool made_ = false;
  FixedFiles files_;
  UniqueFd null_{::open("/dev/null", O_RDONLY)};
};

TEST_F(FixedFilesTest, takes_a_file_in_after_a_few_uses) {
  EXPECT_EQ(use(7, FixedFiles::k_uses_until_fixed - 1), -1);
  EXPECT_EQ(use(7, 1), 7);
  EXPECT_EQ(use(8, 1), -1);
}

TEST_F(FixedFilesTest, replaces_a_file_only_when_a_rival_is_used_far_more) {
  ASSERT_EQ(use(7, FixedFiles::k_uses_until_fixed), 7);
  for (int round = 0; round < 10; ++round) {
    EXPECT_EQ(use(k_rival, FixedFiles::k_uses_until_replaced - 1), -1);
    EXPECT_EQ(use(7, 1), 7);
  }
  EXPECT_EQ(use(k_rival, FixedFiles::k_uses_until_replaced), 7);
  EXPECT_EQ(use(7, 1), -1);
}

TEST_F(FixedFilesTest, replaces_nothing_while_unsent_reads_may_refer_to_it) {
  ASSERT_EQ(use(7, FixedFiles::k_uses_until_fixed), 7);
  EXPECT_EQ(use(k_rival, 1000, false), -1);
  EXPECT_EQ(use(k_rival, 1), 7);
}

TEST_F(FixedFilesTest, goes_on_without_when_the_kernel_refuses_a_descriptor) {
  null_ = UniqueFd(1'000'000'100);  // no process has so many
  EXPECT_EQ(use(7, 100), -1);
  EXPECT_EQ(FixedFiles().index_of(ring_, {.fd_key = 7}, true), -1);
}

// 3,000 files, each opened under the number of the one before, read from often enough to be fixed.
TEST_F(FixedFilesTest, never_mistakes_a_descriptor_that_is_used_again) {
  const TempFolder folder;
  const memory::Arena arena({.size_bytes = 8 * 4096});
  const auto ring = make_ring({.engine = "uring", .depth = 8, .arena = arena.bytes()});
  EXPECT_TRUE(ring->info().fixed_files);
  for (int number = 0; number < 3000; ++number) {
    const std::string text = fmt::format("{:08}", number);
    const std::string path = folder / "written";
    std::ofstream(path) << text;
    const auto file = File::open(real_files(), path, Caching::page);
    std::vector<Read> reads;
    for (uint64_t tag = 0; tag < 8; ++tag) {
      reads.push_back({.file = file.get(),
                       .length_bytes = 8,
                       .target = arena.bytes().subspan(tag * 4096, 4096),
                       .tag = tag});
    }
    ASSERT_EQ(ring->submit(reads), 8u);
    std::array<Done, 8> done;
    ASSERT_EQ(ring->wait(done, 8, k_no_deadline), 8u);
    for (const Done& one : done) {
      ASSERT_EQ(std::string_view(reinterpret_cast<const char*>(one.data), 8), text);
    }
    ASSERT_TRUE(real_files().remove(path));
  }
}

}  // namespace
}  // namespace headrace::io
