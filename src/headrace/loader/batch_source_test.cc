// Epochs become batches of ids, and the place behind each.
#include "headrace/loader/batch_source.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "headrace/loader/fixture.h"

namespace headrace::loader {
namespace {

using testing::HasSubstr;

TEST(BatchSource, goes_through_its_epochs_and_ends) {
  const StampedDataset dataset(40, 40);
  Options options = small(1);
  options.epoch_count = 2;
  BatchSource source(dataset, options);
  Slots slots({.slot_count = 1, .slot_bytes = 64, .batch_size = 16});
  Slot& slot = slots.at(0);
  std::vector<uint32_t> row_counts;
  std::vector<uint64_t> positions;
  while (source.fill(slot)) {
    row_counts.push_back(slot.row_count);
    positions.push_back(slot.position_after);
  }
  EXPECT_EQ(row_counts, (std::vector<uint32_t>{16, 16, 8, 16, 16, 8}));
  EXPECT_EQ(positions, (std::vector<uint64_t>{16, 32, 0, 16, 32, 0}));
  EXPECT_EQ(slot.epoch_after, 2u);
  EXPECT_EQ(source.filled_count(), 6u);
}

TEST(BatchSource, parts_are_equal_runs_that_share_no_sample) {
  const StampedDataset dataset(50, 20);
  for (const order::Shuffle shuffle : {order::Shuffle::global, order::Shuffle::window}) {
    for (uint64_t part = 0; part < 3; ++part) {
      Options options = small(1);
      options.shuffle = shuffle;
      options.part = part;
      options.part_count = 3;
      std::vector<uint64_t> ids = run_to_the_end(dataset, options).ids;
      std::ranges::sort(ids);
      ASSERT_EQ(ids.size(), 16u);
      EXPECT_EQ(ids.front(), 16 * part);
      EXPECT_EQ(ids.back(), 16 * part + 15);
    }
  }
}

TEST(BatchSource, more_parts_than_samples_are_refused) {
  const StampedDataset dataset(10, 10);
  Options options = small(1);
  options.part_count = 11;
  EXPECT_THAT(run_to_the_end(dataset, options).error, HasSubstr("10 samples into 11 parts"));
}

TEST(BatchSource, a_batch_that_is_smaller_than_world_and_drop_says_so) {
  const StampedDataset dataset(10, 10);
  Options options = small(1);
  options.last_batch = order::LastBatch::drop;
  EXPECT_THAT(run_to_the_end(dataset, options).error, HasSubstr("cannot make a single batch"));
}

}  // namespace
}  // namespace headrace::loader
