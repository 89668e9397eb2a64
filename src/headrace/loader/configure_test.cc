// What "auto" and 0 become.
#include "headrace/loader/configure.h"

#include <gtest/gtest.h>

#include "headrace/loader/fixture.h"

namespace headrace::loader {
namespace {

TEST(Configure, takes_the_page_cache_only_for_data_that_fits_twice) {
  using pipeline::Cache;
  EXPECT_EQ(choose_caching(Cache::automatic, 50, 100), io::Caching::page);
  EXPECT_EQ(choose_caching(Cache::automatic, 51, 100), io::Caching::direct);
  EXPECT_EQ(choose_caching(Cache::page, 1000, 100), io::Caching::page);
  EXPECT_EQ(choose_caching(Cache::direct, 1, 100), io::Caching::direct);
}

TEST(Configure, pages_of_a_map_are_fetched_only_where_memory_does_not_hold_them) {
  const StampedDataset dataset(10, 10);
  pipeline::Job job;
  job.dataset.cache = pipeline::Cache::map;
  const uint64_t size_bytes = dataset.size_bytes();
  EXPECT_FALSE(configure(job, dataset, {.cores = 1, .available_bytes = 2 * size_bytes}).fetches);
  EXPECT_TRUE(configure(job, dataset, {.cores = 1, .available_bytes = size_bytes}).fetches);
  job.dataset.cache = pipeline::Cache::ram;
  EXPECT_FALSE(configure(job, dataset, {.cores = 1, .available_bytes = size_bytes}).fetches);
}

TEST(Configure, maps_what_lies_in_memory_unless_the_job_says_how_to_read) {
  const StampedDataset dataset(10, 5);
  const Host host{.cores = 1, .available_bytes = 1 << 30};
  pipeline::Job job;
  EXPECT_TRUE(configure(job, dataset, host).mapped);
  EXPECT_FALSE(configure(job, dataset, host).fetches);
  EXPECT_FALSE(
      configure(job, dataset, {.cores = 1, .available_bytes = dataset.size_bytes()}).mapped);
  job.loader.engine = pipeline::Engine::threads;
  EXPECT_FALSE(configure(job, dataset, host).mapped);
  job.loader.engine = pipeline::Engine::automatic;
  job.dataset.cache = pipeline::Cache::page;
  EXPECT_FALSE(configure(job, dataset, host).mapped);
}

TEST(Configure, maps_no_more_files_than_it_may) {
  const TempFolder folder;
  write_text(folder / "a", "a");
  std::vector<std::string> paths(k_mapped_files_max, folder / "a");
  EXPECT_TRUE(lies_in_memory(paths));
  paths.push_back(folder / "a");
  EXPECT_FALSE(lies_in_memory(paths));
}

TEST(Configure, zero_workers_are_one_a_core) {
  const StampedDataset dataset(10, 10);
  pipeline::Job job;
  EXPECT_EQ(configure(job, dataset, {.cores = 6, .available_bytes = 1 << 30}).workers, 6u);
  job.loader.workers = 3;
  EXPECT_EQ(configure(job, dataset, {.cores = 6, .available_bytes = 1 << 30}).workers, 3u);
}

TEST(Configure, counts_the_disks_that_data_sets_begin_on) {
  const StampedDataset dataset(10, 10);
  EXPECT_EQ(disks_of(dataset).count, 1U);
  const TempFolder no_nodes;
  EXPECT_EQ(disks_of(dataset, no_nodes.path()).node, std::nullopt);
}

TEST(Configure, the_first_state_says_what_decides_the_order) {
  Options options = small(1);
  EXPECT_EQ(state_of(options, 1, 2).window_samples, 0u);
  options.shuffle = order::Shuffle::window;
  options.window_samples = 77;
  EXPECT_EQ(state_of(options, 1, 2).window_samples, 77u);
}

}  // namespace
}  // namespace headrace::loader
