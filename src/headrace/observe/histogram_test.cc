// The histogram against exact percentiles, at every power of two, and read while it is written.
#include "headrace/observe/histogram.h"

#include <gtest/gtest.h>

#include <cmath>
#include <thread>

#include "headrace/base/random.h"

namespace headrace::observe {
namespace {

TEST(Histogram, gives_each_value_one_bucket_whose_bounds_hold_it) {
  for (unsigned bit = 0; bit < 64; ++bit) {
    for (const uint64_t offset : {uint64_t{0}, uint64_t{1}, (uint64_t{1} << bit) / 3}) {
      const uint64_t value = (uint64_t{1} << bit) + offset;
      const size_t index = bucket_index(value);
      ASSERT_LT(index, k_bucket_count) << value;
      EXPECT_LE(bucket_low(index), value);
      EXPECT_LE(value, bucket_high(index) - (index + 1 < k_bucket_count ? 1 : 0));
    }
  }
  EXPECT_EQ(bucket_index(0), 0u);
  EXPECT_EQ(bucket_index(~uint64_t{0}), k_bucket_count - 1);
}

TEST(Histogram, has_contiguous_buckets_at_most_two_percent_wide) {
  for (size_t i = 0; i + 1 < k_bucket_count; ++i) {
    ASSERT_EQ(bucket_index(bucket_low(i)), i);
    ASSERT_EQ(bucket_index(bucket_high(i) - 1), i);
    const double width = static_cast<double>(bucket_high(i) - bucket_low(i));
    ASSERT_LE(width, std::max(1.0, 0.02 * static_cast<double>(bucket_low(i))));
  }
}

TEST(Histogram, is_empty_and_all_zero_at_first) {
  const auto histogram = std::make_unique<Histogram>();
  EXPECT_EQ(histogram->count(), 0u);
  EXPECT_EQ(histogram->percentile_ns(0.99), 0u);
  EXPECT_TRUE(histogram->record().buckets.empty());
}

TEST(Histogram, answers_percentiles_within_two_percent_of_the_sorted_values) {
  auto histogram = std::make_unique<Histogram>();
  std::vector<uint64_t> values;
  Draws draws({.seed = 7});
  for (int i = 0; i < 20000; ++i) {
    values.push_back(static_cast<uint64_t>(std::exp(draws.uniform(3, 20))));
    histogram->add(values.back());
  }
  std::ranges::sort(values);
  for (const double share : {0.0, 0.01, 0.5, 0.9, 0.99, 0.999, 1.0}) {
    const size_t rank = std::max<size_t>(1, static_cast<size_t>(std::ceil(share * 20000)));
    const double exact = static_cast<double>(values[rank - 1]);
    EXPECT_NEAR(static_cast<double>(histogram->percentile_ns(share)), exact, 0.02 * exact + 1)
        << share;
  }
  EXPECT_EQ(histogram->max_ns(), values.back());
}

TEST(Histogram, never_answers_more_than_the_greatest_value_that_was_added) {
  auto histogram = std::make_unique<Histogram>();
  histogram->add(1'000'000);
  EXPECT_LE(histogram->percentile_ns(1.0), 1'000'000u);
}

TEST(Histogram, merges_and_subtracts_to_what_was_added_in_between) {
  auto total = std::make_unique<Histogram>();
  auto earlier = std::make_unique<Histogram>();
  for (uint64_t i = 1; i <= 100; ++i) total->add(i * 1000);
  earlier->merge(*total);
  for (uint64_t i = 0; i < 50; ++i) total->add(5'000'000);
  total->subtract(*earlier);
  EXPECT_EQ(total->count(), 50u);
  EXPECT_EQ(total->sum_ns(), 250'000'000u);
  EXPECT_NEAR(static_cast<double>(total->percentile_ns(0.5)), 5e6, 1e5);
}

TEST(Histogram, records_only_buckets_that_hold_something_and_their_counts_add_up) {
  auto histogram = std::make_unique<Histogram>();
  for (const uint64_t value : {0u, 5u, 5u, 100'000u}) histogram->add(value);
  const HistogramRecord record = histogram->record();
  ASSERT_EQ(record.buckets.size(), 3u);
  EXPECT_EQ(record.buckets[1].low_ns, 5u);
  EXPECT_EQ(record.buckets[1].count, 2u);
  EXPECT_EQ(record.count, 4u);
  EXPECT_EQ(record.sum_ns, 100'010u);
}

TEST(Histogram, can_be_read_while_its_one_writer_adds) {
  auto histogram = std::make_unique<Histogram>();
  std::jthread writer([&] {
    for (uint64_t i = 0; i < 20000; ++i) histogram->add(i);
  });
  uint64_t last = 0;
  for (int i = 0; i < 20; ++i) {
    const uint64_t count = histogram->count();
    EXPECT_GE(count, last);
    last = count;
  }
  writer.join();
  EXPECT_EQ(histogram->count(), 20000u);
}

}  // namespace
}  // namespace headrace::observe
