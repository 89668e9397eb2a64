// Batches come whole, in order and the same for any workers and engine; every end joins every
// thread.
#include "headrace/loader/loader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <numeric>
#include <set>

#include "headrace/base/error.h"
#include "headrace/loader/fixture.h"
#include "headrace/loader/resident.h"

namespace headrace::loader {
namespace {

struct Seen {
  std::vector<uint64_t> ids;
  std::vector<std::byte> bytes;
  bool operator==(const Seen&) const = default;
};

Seen consume(Loader& loader) {
  Seen seen;
  while (auto batch = loader.next()) {
    seen.ids.insert(seen.ids.end(), batch->ids().begin(), batch->ids().end());
    for (size_t index = 0; index < batch->tensor_count(); ++index) {
      const auto bytes = batch->tensor(index).bytes;
      seen.bytes.insert(seen.bytes.end(), bytes.begin(), bytes.end());
    }
  }
  return seen;
}

Seen run(const StampedDataset& dataset, const Options& options) {
  const pipeline::Plan plan = stamp_plan(options.batch_size);
  Loader loader(plan, dataset, options);
  return consume(loader);
}

TEST(Loader, gives_each_sample_once_an_epoch_with_its_own_bytes) {
  const StampedDataset dataset(1000, 300);
  const pipeline::Plan plan = stamp_plan(16);
  Loader loader(plan, dataset, small(2));
  std::set<uint64_t> ids;
  uint64_t sequence = 0;
  while (const auto batch = loader.next()) {
    EXPECT_EQ(batch->sequence(), sequence++);
    const Tensor stamps = batch->tensor(0), digits = batch->tensor(1);
    EXPECT_EQ(stamps.shape, (std::vector<uint64_t>{batch->row_count(), 2}));
    for (uint32_t row = 0; row < batch->row_count(); ++row) {
      const uint64_t id = batch->ids()[row];
      EXPECT_TRUE(ids.insert(id).second);
      EXPECT_EQ(load_le<uint64_t>(stamps.bytes.data() + row * 16), id);
      EXPECT_EQ(digits.bytes[row], static_cast<std::byte>('0' + id % 10));
    }
  }
  EXPECT_EQ(ids.size(), 1000u);
}

TEST(Loader, gives_the_same_bytes_for_any_workers_and_engine) {
  const StampedDataset dataset(700, 100);
  const Seen expected = run(dataset, small(1));
  for (const char* engine : {"auto", "threads", "psync"}) {
    for (const uint32_t workers : {1u, 2u, 8u}) {
      for (const io::Caching caching : {io::Caching::page, io::Caching::direct}) {
        Options options = small(workers);
        options.engine = engine;
        options.caching = caching;
        EXPECT_TRUE(run(dataset, options) == expected) << engine << " " << workers;
      }
    }
  }
}

TEST(Loader, gives_the_same_bytes_from_memory_whatever_checksums_workers_and_batch) {
  const StampedDataset dataset(700, 100);
  for (const uint32_t batch_size : {1u, 16u, 300u}) {
    Options options = small(1);
    options.epoch_count = 2;
    options.batch_size = batch_size;
    const Seen expected = run(dataset, options);
    const Resident resident(dataset, {.threads = 3});
    for (const uint32_t workers : {1u, 2u, 8u}) {
      for (const Resident* shared : {&resident, static_cast<const Resident*>(nullptr)}) {
        options.workers = workers;
        options.in_memory = true;
        options.resident = shared;
        options.verify_checksums = !options.verify_checksums;
        EXPECT_TRUE(run(dataset, options) == expected) << batch_size << " " << workers;
      }
    }
  }
}

TEST(Loader, goes_on_from_its_state_in_memory_as_from_files) {
  const StampedDataset dataset(400, 150);
  Options options = small(2);
  options.shuffle = order::Shuffle::window;
  options.window_samples = 60;
  const Seen whole = run(dataset, options);
  options.first_position = 160;
  options.in_memory = true;
  const Seen rest = run(dataset, options);
  EXPECT_EQ(rest.ids, std::vector<uint64_t>(whole.ids.begin() + 160, whole.ids.end()));
}

TEST(Loader, coalesces_neighbors_without_changing_a_byte) {
  const StampedDataset dataset(500, 250);
  Options options = small(2);
  options.shuffle = order::Shuffle::none;
  const pipeline::Plan plan = stamp_plan(16);
  Loader loader(plan, dataset, options);
  const Seen seen = consume(loader);
  std::vector<uint64_t> expected(500);
  std::iota(expected.begin(), expected.end(), 0);
  EXPECT_EQ(seen.ids, expected);
  EXPECT_LT(loader.stats().feeder.read_count, 70u);  // 32 batches, 2 files
}

TEST(Loader, goes_on_from_its_state_on_another_world_size) {
  const StampedDataset dataset(400, 400);
  Options options = small(1);
  options.epoch_count = 2;
  const Seen whole = run(dataset, options);
  const pipeline::Plan plan = stamp_plan(16);
  order::State state;
  std::vector<uint64_t> ids;
  {
    Loader loader(plan, dataset, options);
    for (int i = 0; i < 5; ++i) {
      const auto batch = loader.next();
      ids.insert(ids.end(), batch->ids().begin(), batch->ids().end());
    }
    state = loader.state();
  }
  EXPECT_EQ(state.position, 80u);
  std::vector<std::vector<uint64_t>> ranks;
  for (uint64_t rank = 0; rank < 2; ++rank) {
    Options resumed = options;
    resumed.first_epoch = state.epoch;
    resumed.first_position = state.position;
    resumed.epoch_count = 1;
    resumed.rank = rank;
    resumed.world_size = 2;
    ranks.push_back(run(dataset, resumed).ids);
  }
  for (size_t row = 0; row < 160; ++row) {
    ids.push_back(ranks[0][row]);
    ids.push_back(ranks[1][row]);
  }
  EXPECT_EQ(ids, std::vector<uint64_t>(whole.ids.begin(), whole.ids.begin() + 400));
}

TEST(Loader, ends_in_mid_epoch_without_leaving_a_thread) {
  const StampedDataset dataset(2000, 500);
  const pipeline::Plan plan = stamp_plan(16);
  for (int batches = 0; batches < 6; ++batches) {
    Options options = small(3);
    options.epoch_count = 0;
    Loader loader(plan, dataset, options);
    for (int i = 0; i < batches; ++i) EXPECT_TRUE(loader.next());
    loader.close();
    EXPECT_FALSE(loader.next());
  }
}

TEST(Loader, keeps_a_leased_batch_untouched_while_it_runs_on) {
  const StampedDataset dataset(400, 400);
  Options options = small(2);
  options.lease_count = 2;
  const pipeline::Plan plan = stamp_plan(16);
  Loader loader(plan, dataset, options);
  const auto held = loader.next();
  const std::vector<std::byte> before(held->tensor(0).bytes.begin(), held->tensor(0).bytes.end());
  for (int i = 0; i < 20; ++i) EXPECT_TRUE(loader.next());
  EXPECT_TRUE(std::ranges::equal(before, held->tensor(0).bytes));
}

TEST(Loader, lends_memory_that_outlives_it) {
  const StampedDataset dataset(400, 400);
  const pipeline::Plan plan = stamp_plan(16);
  const auto copy_of = [](const Batch& batch) {
    const auto bytes = batch.tensor(0).bytes;
    return std::vector<std::byte>(bytes.begin(), bytes.end());
  };
  std::vector<Batch> held;
  std::vector<std::vector<std::byte>> copies;
  {
    Loader loader(plan, dataset, small(2));
    for (int i = 0; i < 12; ++i) {
      auto batch = loader.next();
      if (i % 4 != 1) continue;
      copies.push_back(copy_of(*batch));
      held.push_back(std::move(*batch));
    }
  }
  ASSERT_EQ(held.size(), 3u);
  for (const size_t index : {1u, 2u, 0u}) {  // given back out of order, the last one frees them all
    EXPECT_EQ(copy_of(held[index]), copies[index]);
    const Batch back = std::move(held[index]);
  }
}

TEST(Loader, says_that_every_batch_is_held_instead_of_waiting_for_ever) {
  const StampedDataset dataset(400, 400);
  const pipeline::Plan plan = stamp_plan(16);
  Loader loader(plan, dataset, small(2));
  std::vector<Batch> held;
  try {
    while (auto batch = loader.next()) held.push_back(std::move(*batch));
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(held.size(), 4u);
    EXPECT_THAT(error.what(), testing::HasSubstr("holds all 4 batches"));
  }
  held.pop_back();
  EXPECT_TRUE(loader.next());  // and it goes on once one is back
}

TEST(Loader, ends_though_every_batch_is_held) {
  const StampedDataset dataset(64, 64);
  const pipeline::Plan plan = stamp_plan(16);
  for (int round = 0; round < 50; ++round) {
    Loader loader(plan, dataset, small(2));
    std::vector<Batch> held;
    while (auto batch = loader.next()) held.push_back(std::move(*batch));
    EXPECT_EQ(held.size(), 4u);
  }
}

TEST(Loader, looks_up_at_a_deadline_and_counts_the_wait_once) {
  const StampedDataset dataset(64, 64);
  const pipeline::Plan plan = stamp_plan(16);
  Options options = small(1);
  SteadyClock clock;
  options.make_ring = [&](const io::RingOptions& ring) {
    return std::make_unique<io::FaultRing>(io::make_ring(ring), io::Faults{.delay_ns = 2'000'000},
                                           clock);
  };
  Loader loader(plan, dataset, options);
  int look_ups = 0;
  while (true) {
    const auto batch = loader.next_until(steady_now_ns() + 100'000);
    if (batch) break;
    ASSERT_EQ(batch.error(), NoBatch::not_yet);
    ++look_ups;
  }
  EXPECT_GT(look_ups, 0);
  EXPECT_EQ(loader.stats().consumer.wait_latency_ns.count(), 1u);
  EXPECT_GT(loader.stats().consumer.wait_ns, 1'000'000u);
}

TEST(Loader, works_with_a_read_buffer_smaller_than_a_batch) {
  const StampedDataset dataset(300, 300);
  Options options = small(2);
  const Seen expected = run(dataset, options);
  options.read_buffer_bytes = 32 << 10;
  options.read_count_max = 3;
  EXPECT_TRUE(run(dataset, options) == expected);
}

}  // namespace
}  // namespace headrace::loader
