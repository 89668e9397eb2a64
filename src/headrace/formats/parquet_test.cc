// What the encoder writes reads back, and damage is found; pyarrow's files are read in
// tests/conformance.
#include "headrace/formats/parquet.h"

#include <gtest/gtest.h>

#include "headrace/formats/scan_all.h"
#include "headrace/formats/tar_builder.h"

namespace headrace::formats {
namespace {

TEST(Parquet, what_the_encoder_writes_reads_back_in_place) {
  const std::string shard = encode_samples(k_parquet_format, 12);
  const auto [samples, failure] = scan_all(k_parquet_format, bytes_of(shard));
  ASSERT_FALSE(failure) << failure->what;
  ASSERT_EQ(samples.size(), 12U);
  for (int i = 0; i < 12; ++i) {
    EXPECT_TRUE(is_encoded_sample(shard, samples[static_cast<size_t>(i)], i)) << i;
  }
  EXPECT_EQ(recognize(memory_source(bytes_of(shard))), &k_parquet_format);
  const auto from = k_parquet_format.scan(memory_source(bytes_of(shard)), {.sample_index = 11});
  const auto last = from->next();
  EXPECT_EQ((**last).fields, samples[11].fields);
  EXPECT_EQ((**last).key, "11");
  EXPECT_FALSE(*from->next());
}

TEST(Parquet, every_flipped_byte_of_a_page_is_found) {
  const std::string shard = encode_samples(k_parquet_format, 3);
  const auto whole = scan_all(k_parquet_format, bytes_of(shard)).samples;
  const size_t pages_end = whole[2].fields[1].second.offset_bytes + 41;
  int found_behind = 0;
  for (size_t at = 0; at < shard.size(); ++at) {
    for (const int bit : {1, 16, 128}) {
      std::string flipped = shard;
      flipped[at] = static_cast<char>(flipped[at] ^ bit);
      const auto [samples, failure] = scan_all(k_parquet_format, bytes_of(flipped));
      const bool noticed = failure || samples.size() != 3;
      if (at >= pages_end) {
        found_behind += noticed ? 1 : 0;  // the footer has no checksum
      } else {
        const bool harmless = !noticed && samples[0].fields == whole[0].fields &&
                              samples[1].fields == whole[1].fields &&
                              samples[2].fields == whole[2].fields;  // what a header says besides
        EXPECT_TRUE(noticed || harmless) << at;
      }
    }
  }
  EXPECT_GT(found_behind, 100);
}

TEST(Parquet, a_file_cut_at_any_byte_is_a_failure) {
  const std::string shard = encode_samples(k_parquet_format, 3);
  for (size_t size = 0; size < shard.size(); ++size) {
    EXPECT_TRUE(scan_all(k_parquet_format, bytes_of(shard.substr(0, size))).failure) << size;
  }
}

}  // namespace
}  // namespace headrace::formats
