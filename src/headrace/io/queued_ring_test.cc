// The queue in front of a ring, with a ring that begins one operation a turn and ends it the next.
#include "headrace/io/queued_ring.h"

#include <optional>

#include "headrace/io/psync.h"
#include "headrace/io/ring_contract.h"

namespace headrace::io {
namespace {

class LateRing final : public QueuedRing {
 public:
  explicit LateRing(uint32_t depth) : QueuedRing({.depth = depth}, {.engine = "late"}) {}

 private:
  void serve(size_t, uint64_t) override {
    if (begun_) {
      take(*begun_, serve_piece(operations_[*begun_].attempt.next()));
      begun_.reset();
    } else if (!pending_.empty()) {
      begun_ = pending_.pop();
    }
  }
  std::optional<uint32_t> begun_;
};

class QueuedRingTest : public ::testing::Test {
 public:
  void SetUp() override {
    write_file(folder_ / "data", 10'000);
    file_ = File::open(real_files(), folder_ / "data", Caching::page);
    for (uint64_t tag = 0; tag < 3; ++tag) {
      reads_.push_back({.file = file_.get(),
                        .length_bytes = 100,
                        .target = arena_.bytes().subspan(tag * 4096, 4096),
                        .tag = tag});
    }
  }

 protected:
  TempFolder folder_;
  memory::Arena arena_{{.size_bytes = 16384}};
  std::unique_ptr<File> file_;
  std::vector<Read> reads_;
  LateRing ring_{3};
  std::array<Done, 3> done_;
};

TEST_F(QueuedRingTest, turns_until_as_many_are_done_as_are_wanted) {
  ASSERT_EQ(ring_.submit(reads_), 3u);
  EXPECT_EQ(ring_.wait(done_, 2, k_no_deadline), 2u);
  EXPECT_EQ(ring_.in_flight(), 1u);
  EXPECT_EQ(ring_.info().depth, 3u);
}

TEST_F(QueuedRingTest, ends_what_is_pending_at_once_and_lets_what_is_begun_succeed) {
  ASSERT_EQ(ring_.submit(reads_), 3u);
  EXPECT_EQ(ring_.wait(done_, 0, 0), 0u);  // begins the first
  for (uint64_t tag = 0; tag < 2; ++tag) ring_.cancel(tag);
  EXPECT_EQ(ring_.wait(done_, 3, k_no_deadline), 3u);
  for (const Done& one : done_) EXPECT_EQ(one.result, one.tag == 1 ? -ECANCELED : 100);
}

}  // namespace
}  // namespace headrace::io
