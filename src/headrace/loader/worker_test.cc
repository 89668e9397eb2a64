// Rows that cannot be made are skipped, counted and listed; the others are whole.
#include "headrace/loader/worker.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "headrace/loader/fixture.h"

namespace headrace::loader {
namespace {

using testing::HasSubstr;

TEST(Worker, skips_bad_samples_and_lists_them) {
  const StampedDataset dataset(400, 100);
  Options options = small(3);
  options.on_error = pipeline::OnError::skip;
  const Outcome outcome =
      run_to_the_end(dataset, options, [](uint64_t id) { return id % 40 == 3; });
  EXPECT_EQ(outcome.error, "");
  EXPECT_EQ(outcome.ids.size(), 390u);
  ASSERT_EQ(outcome.skipped.size(), 10u);
  for (const Skipped& skipped : outcome.skipped) {
    EXPECT_EQ(skipped.sample_id % 40, 3u);
    EXPECT_STREQ(skipped.what, "told to fail");
    EXPECT_EQ(std::ranges::count(outcome.ids, skipped.sample_id), 0);
  }
}

TEST(Worker, skipping_leaves_the_other_rows_whole) {
  const StampedDataset dataset(160, 160);
  Options options = small(2);
  options.on_error = pipeline::OnError::skip;
  const pipeline::Plan plan = stamp_plan(16, [](uint64_t id) { return id % 5 == 0; });
  Loader loader(plan, dataset, options);
  while (const auto batch = loader.next()) {
    const Tensor stamps = batch->tensor(0);
    for (uint32_t row = 0; row < batch->row_count(); ++row) {
      EXPECT_EQ(load_le<uint64_t>(stamps.bytes.data() + row * 16), batch->ids()[row]);
    }
  }
}

TEST(Worker, a_changed_byte_is_found_by_its_checksum) {
  const StampedDataset dataset(50, 50);
  const int fd = ::open(dataset.file(0).path.c_str(), O_WRONLY);
  ASSERT_EQ(::pwrite(fd, "?", 1, 20'000), 1);
  ::close(fd);
  EXPECT_THAT(run_to_the_end(dataset, small(1)).error,
              HasSubstr("the bytes differ from their checksum"));
  Options unchecked = small(1);
  unchecked.verify_checksums = false;
  EXPECT_EQ(run_to_the_end(dataset, unchecked).error, "");
}

}  // namespace
}  // namespace headrace::loader
