// cuFile's batches: how many entries are under way, and errors of a batch, of an entry, of a look.
#include "headrace/io/cufile_batch.h"

#include "headrace/io/cufile_case.h"

namespace headrace::io {
namespace {

class CuFileBatchTest : public CuFileCase {
 public:
  std::unique_ptr<Ring> make(uint32_t depth, bool compatible) {
    auto ring =
        make_cufile_ring({.engine = "cufile-batch", .depth = depth, .arena = arena_.bytes()},
                         {.library = shim::stand_in_path("cufile"), .compatible = compatible});
    EXPECT_TRUE(ring);
    return std::move(*ring);
  }
  std::vector<Done> read(Ring& ring, size_t count) {
    std::vector<Read> reads;
    for (size_t tag = 0; tag < count; ++tag) {
      reads.push_back({.file = file_.get(),
                       .offset_bytes = tag * 1000,
                       .length_bytes = 1000,
                       .target = arena_.bytes().subspan(tag * 4096, 4096),
                       .tag = tag});
    }
    EXPECT_EQ(ring.submit(reads), count);
    std::vector<Done> done(count);
    EXPECT_EQ(ring.wait(done, count, k_no_deadline), count);
    return done;
  }
  static size_t failed(const std::vector<Done>& done) {
    return static_cast<size_t>(
        std::ranges::count_if(done, [](const Done& one) { return one.result == -EIO; }));
  }
};

// More would hang for ever in the real library.
TEST_F(CuFileBatchTest, keeps_within_the_host_buffers_of_compatibility_mode) {
  for (const bool compatible : {true, false}) {
    faults_.reset();
    const auto ring = make(256, compatible);
    for (const Done& one : read(*ring, 256)) {
      ASSERT_EQ(one.result, 1000);
      ASSERT_EQ(one.data[0], byte_at(one.tag * 1000));
    }
    EXPECT_LE(faults_.most_under_way, compatible ? 64 : 128);
    EXPECT_GT(faults_.most_under_way, 16);
    EXPECT_NE(ring->info().why_not_better.find("under way at once"), std::string::npos);
  }
}

TEST_F(CuFileBatchTest, fails_one_entry_alone) {
  faults_.fail_nth = 5;
  faults_.fail_code = -5030;
  EXPECT_EQ(failed(read(*make(32, true), 32)), 1u);
}

TEST_F(CuFileBatchTest, fails_the_entries_of_a_batch_that_is_refused_and_goes_on) {
  faults_.submit_errors = 1;
  const auto ring = make(32, true);
  EXPECT_EQ(failed(read(*ring, 32)), CuFileBatchRing::k_batch_entries);
  EXPECT_EQ(failed(read(*ring, 32)), 0u);
}

TEST_F(CuFileBatchTest, bears_a_few_failed_looks_and_entries_that_are_told_of_too_early) {
  faults_.status_errors = 20;
  faults_.waiting_looks = 20;
  EXPECT_EQ(failed(read(*make(32, true), 32)), 0u);
}

TEST_F(CuFileBatchTest, ends_the_run_when_no_look_succeeds) {
  const auto ring = make(4, true);
  const Read read{.file = file_.get(), .length_bytes = 100, .target = arena_.bytes()};
  ASSERT_EQ(ring->submit({&read, 1}), 1u);
  faults_.status_errors = 1'000'000;
  Done done;
  EXPECT_THROW(ring->wait({&done, 1}, 1, k_no_deadline), Error);
  faults_.status_errors = 0;  // the ring's end waits for what is under way
}

TEST_F(CuFileBatchTest, writes_and_syncs) {
  file_ = File::open(real_files(), folder_ / "new", Caching::page, Access::create);
  const auto ring = make(4, true);
  const Write write{.file = file_.get(), .source = arena_.bytes().first(5000), .tag = 1};
  const Sync sync{.file = file_.get(), .tag = 2};
  Done done;
  ASSERT_EQ(ring->submit({&write, 1}), 1u);
  ASSERT_EQ(ring->wait({&done, 1}, 1, k_no_deadline), 1u);
  EXPECT_EQ(done.result, 5000);
  ASSERT_EQ(ring->submit({&sync, 1}), 1u);
  ASSERT_EQ(ring->wait({&done, 1}, 1, k_no_deadline), 1u);
  EXPECT_EQ(done.result, 0);
  EXPECT_EQ(std::filesystem::file_size(folder_ / "new"), 5000u);
}

}  // namespace
}  // namespace headrace::io
