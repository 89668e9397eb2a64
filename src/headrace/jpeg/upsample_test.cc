// Against libjpeg's formulas written plainly, with results for every width and no write past the
// slack.
#include "headrace/jpeg/upsample.h"

#include <gtest/gtest.h>

#include <vector>

#include "headrace/base/random.h"

namespace headrace::jpeg {
namespace {

constexpr size_t k_margin = 1;

// With the edges repeated, and room to read behind.
std::vector<uint8_t> random_row(Draws& draws, size_t sample_count) {
  std::vector<uint8_t> row(sample_count + 2 * k_margin + 32);
  for (auto& sample : row) sample = static_cast<uint8_t>(draws.below(256));
  row[0] = row[1];
  row[sample_count + 1] = row[sample_count];
  return row;
}

TEST(Upsample, mixes_three_parts_of_the_nearer_sample_with_one_of_the_farther) {
  Draws draws({.seed = 21});
  for (size_t count = 1; count < 100; ++count) {
    const auto row = random_row(draws, count);
    std::vector<uint8_t> target(2 * count + k_upsample_slack_bytes);
    upsample_wide(row.data() + k_margin, count, target.data());
    for (size_t index = 0; index < count; ++index) {
      const int left = row[index], here = row[index + 1], right = row[index + 2];
      ASSERT_EQ(target[2 * index], (3 * here + left + 1) / 4) << count;
      ASSERT_EQ(target[2 * index + 1], (3 * here + right + 2) / 4) << count;
    }
  }
}

TEST(Upsample, mixes_rows_before_columns) {
  Draws draws({.seed = 22});
  for (size_t count = 1; count < 100; ++count) {
    const auto near = random_row(draws, count), far = random_row(draws, count);
    std::vector<uint8_t> target(2 * count + k_upsample_slack_bytes);
    upsample_both(near.data() + k_margin, far.data() + k_margin, count, target.data());
    const auto sum = [&](size_t index) { return 3 * near[index] + far[index]; };
    for (size_t index = 0; index < count; ++index) {
      ASSERT_EQ(target[2 * index], (3 * sum(index + 1) + sum(index) + 8) / 16) << count;
      ASSERT_EQ(target[2 * index + 1], (3 * sum(index + 1) + sum(index + 2) + 7) / 16) << count;
    }
  }
}

}  // namespace
}  // namespace headrace::jpeg
