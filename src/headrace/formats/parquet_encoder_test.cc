// Row groups and what a file cannot hold; pyarrow reads our files in tests/conformance.
#include "headrace/formats/parquet_encoder.h"

#include <gtest/gtest.h>

#include "headrace/base/error.h"
#include "headrace/formats/parquet.h"
#include "headrace/formats/scan_all.h"
#include "headrace/formats/tar_builder.h"

namespace headrace::formats {
namespace {

class ParquetEncoderTest : public testing::Test {
 protected:
  void append(std::string_view label, std::string_view image, std::string_view name = "jpg") {
    encoder_.append(
        std::array{FieldBytes{"cls", bytes_of(label)}, FieldBytes{name, bytes_of(image)}});
  }
  std::string shard_;
  ParquetEncoder encoder_{[this](std::span<const std::byte> bytes) {
    shard_.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  }};
};

TEST_F(ParquetEncoderTest, a_row_group_ends_before_it_is_too_large) {
  for (int i = 0; i < 5; ++i) append(std::to_string(i), std::string(15 << 20, 'x'));
  encoder_.finish();
  ByteWindow window(memory_source(bytes_of(shard_)));
  EXPECT_EQ(read_parquet_footer(window)->row_groups.size(), 3U);
  const auto [samples, failure] = scan_all(k_parquet_format, bytes_of(shard_));
  ASSERT_FALSE(failure) << failure->what;
  EXPECT_EQ(samples.size(), 5U);
  EXPECT_EQ(samples[4].fields[0].second.offset_bytes, 4U);
}

TEST_F(ParquetEncoderTest, samples_of_other_columns_and_labels_that_are_no_numbers_are_refused) {
  append("7", "abc");
  EXPECT_THROW(append("7", "abc", "png"), Error);
  EXPECT_THROW(append("seven", "abc"), Error);
}

TEST_F(ParquetEncoderTest, a_file_without_rows_is_no_damage) {
  encoder_.finish();
  const auto scanned = scan_all(k_parquet_format, bytes_of(shard_));
  EXPECT_FALSE(scanned.failure) << scanned.failure->what;
  EXPECT_TRUE(scanned.samples.empty());
}

}  // namespace
}  // namespace headrace::formats
