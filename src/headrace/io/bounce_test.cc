// The bounce ring: reads and copies overlap, a copy that fails fails its read alone.
#include "headrace/io/bounce.h"

#include "headrace/io/ring_contract.h"

namespace headrace::io {
namespace {

class BounceTest : public ::testing::Test {
 public:
  void SetUp() override {
    write_file(folder_ / "data", 4 << 20);
    file_ = File::open(real_files(), folder_ / "data", Caching::page);
  }
  void TearDown() override {
    faults_.reset();
    EXPECT_EQ(faults_.handles, 0);
  }
  std::vector<Done> read_all() {
    const auto ring = make_tested_ring({.engine = "bounce", .depth = 8});
    std::vector<Read> reads;
    for (size_t tag = 0; tag < 8; ++tag) {
      reads.push_back({.file = file_.get(),
                       .offset_bytes = tag * k_length,
                       .length_bytes = k_length,
                       .target = target_.bytes().subspan(tag * k_length, k_length),
                       .tag = tag});
    }
    EXPECT_EQ(ring->submit(reads), 8u);
    std::vector<Done> done(8);
    EXPECT_EQ(ring->wait(done, 8, k_no_deadline), 8u);
    return done;
  }

 protected:
  static constexpr uint64_t k_length = 512 << 10;  // several slots long
  TempFolder folder_;
  memory::Arena target_{{.size_bytes = 8 * k_length}};
  std::unique_ptr<File> file_;
  shim::StandInFaults& faults_ = shim::faults_of_stand_in("cuda");
};

TEST_F(BounceTest, brings_reads_that_are_longer_than_a_slot) {
  for (const Done& one : read_all()) {
    ASSERT_EQ(one.result, static_cast<int64_t>(k_length));
    for (uint64_t at = 0; at < k_length; at += 4001) {
      ASSERT_EQ(one.data[at], byte_at(one.tag * k_length + at)) << one.tag << " at " << at;
    }
  }
  EXPECT_GT(faults_.transfers, 8 * 8);
}

TEST_F(BounceTest, fails_a_read_whose_copy_fails_and_brings_the_others) {
  faults_.fail_nth = 10;
  size_t failed = 0;
  for (const Done& one : read_all()) {
    if (one.result == static_cast<int64_t>(k_length)) continue;
    EXPECT_EQ(one.result, -EIO);
    ++failed;
  }
  EXPECT_EQ(failed, 1u);
}

TEST_F(BounceTest, waits_for_the_stream_itself_when_it_cannot_report) {
  faults_.submit_errors = 3;
  for (const Done& one : read_all()) EXPECT_EQ(one.result, static_cast<int64_t>(k_length));
}

TEST_F(BounceTest, is_refused_without_streams_and_does_not_write) {
  faults_.driver_error = 2;
  EXPECT_THROW(make_tested_ring({.engine = "bounce", .depth = 4}), Error);
  faults_.reset();
  file_ = File::open(real_files(), folder_ / "new", Caching::page, Access::create);
  const auto ring = make_tested_ring({.engine = "bounce", .depth = 4});
  const Write write{.file = file_.get(), .source = target_.bytes().first(100)};
  ASSERT_EQ(ring->submit({&write, 1}), 1u);
  Done done;
  ASSERT_EQ(ring->wait({&done, 1}, 1, k_no_deadline), 1u);
  EXPECT_EQ(done.result, -ENOTSUP);
}

}  // namespace
}  // namespace headrace::io
