// Epochs become batches of ids, and the place behind each.
#include "headrace/loader/batch_source.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <set>

#include "headrace/formats/joined_dataset.h"
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

// A slot's ids and places, of one batch after the other.
struct Rows {
  std::vector<uint64_t> ids, places;
};
Rows rows_of(const formats::Dataset& dataset, const Options& options, uint64_t batch_count) {
  BatchSource source(dataset, options);
  Slots slots({.slot_count = 1, .slot_bytes = 64, .batch_size = options.batch_size});
  Slot& slot = slots.at(0);
  Rows rows;
  for (uint64_t batch = 0; batch < batch_count && source.fill(slot); ++batch) {
    rows.ids.insert(rows.ids.end(), slot.ids.begin(), slot.ids.begin() + slot.row_count);
    rows.places.insert(rows.places.end(), slot.places.begin(),
                       slot.places.begin() + slot.row_count);
  }
  return rows;
}

formats::JoinedDataset three_copies() {
  std::vector<std::unique_ptr<formats::Dataset>> parts;
  for (int copy = 0; copy < 3; ++copy) parts.push_back(std::make_unique<StampedDataset>(50, 20));
  return formats::JoinedDataset(std::move(parts), {.count = 3, .seed = 4});
}

TEST(BatchSource, reads_copies_front_to_back_and_numbers_samples_alike_in_all) {
  const formats::JoinedDataset dataset = three_copies();
  Options options = small(1);
  options.shuffle = order::Shuffle::copies;
  options.epoch_count = 4;
  const Rows rows = rows_of(dataset, options, 100);
  ASSERT_EQ(rows.ids.size(), 200U);
  for (uint64_t i = 0; i < 200; ++i) {
    ASSERT_EQ(rows.places[i], i % 150);
    ASSERT_EQ(rows.ids[i], order::order_of_copy(50, 4, i / 50 % 3).sample_at(i % 50));
  }
}

TEST(BatchSource, copies_go_on_in_another_world_with_what_is_left) {
  const formats::JoinedDataset dataset = three_copies();
  std::multiset<uint64_t> ids;
  const auto take = [&](uint64_t world_size, uint64_t position, uint64_t batch_count) {
    for (uint64_t rank = 0; rank < world_size; ++rank) {
      Options options = small(1);
      options.shuffle = order::Shuffle::copies;
      options.batch_size = 4;
      options.first_epoch = 7;
      options.first_position = position;
      options.world_size = world_size;
      options.rank = rank;
      const Rows rows = rows_of(dataset, options, batch_count);
      ids.insert(rows.ids.begin(), rows.ids.end());
      for (const uint64_t place : rows.places) EXPECT_EQ(place / 50, 1U);
    }
  };
  take(3, 0, 2);
  take(2, 24, 100);
  std::multiset<uint64_t> all;
  for (uint64_t id = 0; id < 50; ++id) all.insert(id);
  EXPECT_EQ(ids, all);
}

}  // namespace
}  // namespace headrace::loader
