// The faulty ring does what it is told, on time by its clock, and nothing else.
#include "headrace/io/slow_ring.h"

#include "headrace/io/ring_contract.h"

namespace headrace::io {
namespace {

class FaultRingTest : public ::testing::Test {
 public:
  FaultRingTest() { write_file(folder_ / "data", 100'000); }
  FaultRing make(const Faults& faults) {
    return FaultRing(make_ring({.engine = "psync", .depth = 8}), faults, clock_);
  }
  void submit(FaultRing& ring, uint64_t tag, uint64_t length_bytes = 1000) {
    const Read read{.file = file_.get(),
                    .offset_bytes = tag * 1000,
                    .length_bytes = length_bytes,
                    .target = arena_.bytes().subspan(tag * 16384, 16384),
                    .tag = tag};
    ASSERT_EQ(ring.submit({&read, 1}), 1u);
  }
  Done next(FaultRing& ring) {
    Done done;
    EXPECT_EQ(ring.wait({&done, 1}, 1, k_no_deadline), 1u);
    return done;
  }

 protected:
  TempFolder folder_;
  FakeClock clock_;
  memory::Arena arena_{{.size_bytes = 8 * 16384}};
  std::unique_ptr<File> file_ = [this] {
    write_file(folder_ / "data", 100'000);
    return File::open(real_files(), folder_ / "data", Caching::page);
  }();
};

TEST_F(FaultRingTest, passes_everything_on_without_faults) {
  FaultRing ring = make({});
  submit(ring, 3);
  EXPECT_EQ(ring.in_flight(), 1u);
  const Done done = next(ring);
  EXPECT_EQ(done.tag, 3u);
  EXPECT_EQ(done.result, 1000);
  EXPECT_EQ(done.data[0], byte_at(3000));
  EXPECT_EQ(ring.in_flight(), 0u);
  EXPECT_EQ(ring.info().depth, 8u);
}

TEST_F(FaultRingTest, holds_each_completion_back_by_the_delay) {
  FaultRing ring = make({.delay_ns = 5000});
  const uint64_t begun_ns = clock_.now_ns();
  submit(ring, 0);
  Done done;
  EXPECT_EQ(ring.wait({&done, 1}, 0, k_no_deadline), 0u);
  EXPECT_GE(next(ring).latency_ns, 5000u);
  EXPECT_EQ(clock_.now_ns() - begun_ns, 5000u);
}

TEST_F(FaultRingTest, shares_its_bandwidth_among_all_reads) {
  FaultRing ring = make({.bytes_per_second = 1'000'000});
  const uint64_t begun_ns = clock_.now_ns();
  for (uint64_t tag = 0; tag < 8; ++tag) submit(ring, tag);
  for (int index = 0; index < 8; ++index) next(ring);
  EXPECT_EQ(clock_.now_ns() - begun_ns, 8u * 1'000'000);
}

TEST_F(FaultRingTest, returns_at_the_deadline_with_what_is_due) {
  FaultRing ring = make({.delay_ns = 5000});
  submit(ring, 0);
  Done done;
  EXPECT_EQ(ring.wait({&done, 1}, 1, clock_.now_ns() + 2000), 0u);
  EXPECT_EQ(ring.in_flight(), 1u);
}

TEST_F(FaultRingTest, fails_the_nth_read_alone_or_with_all_after_it) {
  FaultRing once = make({.fail_nth = 2});
  FaultRing forever = make({.fail_nth = 2, .fail_later_too = true, .error_number = ENOMEM});
  for (const uint64_t tag : {0, 1, 2}) {
    submit(once, tag);
    submit(forever, tag);
    EXPECT_EQ(next(once).result, tag == 1 ? -EIO : 1000);
    EXPECT_EQ(next(forever).result, tag >= 1 ? -ENOMEM : 1000);
  }
}

TEST_F(FaultRingTest, shortens_the_nth_read) {
  FaultRing ring = make({.short_nth = 1, .short_bytes = 10});
  submit(ring, 0);
  EXPECT_EQ(next(ring).result, 10);
  submit(ring, 1);
  EXPECT_EQ(next(ring).result, 1000);
}

TEST_F(FaultRingTest, is_full_while_completions_are_held_back) {
  FaultRing ring = make({.delay_ns = 5000});
  for (uint64_t tag = 0; tag < 8; ++tag) submit(ring, tag);
  Done done;
  EXPECT_EQ(ring.wait({&done, 1}, 0, k_no_deadline), 0u);
  const Read ninth{.file = file_.get(), .target = {}};
  EXPECT_EQ(ring.submit({&ninth, 1}), 0u);
}

}  // namespace
}  // namespace headrace::io
