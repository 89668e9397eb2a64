// MDS shards: what we write reads back, and no number in them leads outside.
#include "headrace/formats/mds.h"

#include <gmock/gmock.h>

#include "headrace/formats/scan_all.h"
#include "headrace/formats/tar_builder.h"

namespace headrace::formats {
namespace {

using testing::HasSubstr;

// A shard of one sample with these columns, put together by hand.
std::string shard_of(const std::string& config, const std::string& sample) {
  const auto first = static_cast<uint32_t>(12 + config.size());
  const uint32_t head[] = {1, first, static_cast<uint32_t>(first + sample.size())};
  return std::string(reinterpret_cast<const char*>(head), sizeof head) + config + sample;
}

TEST(Mds, what_the_encoder_writes_reads_back_in_place) {
  const std::string shard = encode_samples(k_mds_format, 12);
  const auto [samples, failure] = scan_all(k_mds_format, bytes_of(shard));
  ASSERT_FALSE(failure) << failure->what;
  ASSERT_EQ(samples.size(), 12U);
  for (int i = 0; i < 12; ++i) {
    EXPECT_TRUE(is_encoded_sample(shard, samples[static_cast<size_t>(i)], i)) << i;
  }
  EXPECT_EQ(recognize(memory_source(bytes_of(shard))), &k_mds_format);
  const auto from = k_mds_format.scan(memory_source(bytes_of(shard)), {.sample_index = 11});
  EXPECT_EQ((**from->next()).fields, samples[11].fields);
  EXPECT_FALSE(*from->next());
}

TEST(Mds, integers_of_each_size_keep_their_sign_and_other_encodings_their_bytes) {
  const std::string shard = shard_of(
      R"({"column_encodings":["int8","uint16","float32","str"],"column_names":["a","b","c","d"],)"
      R"("column_sizes":[1,2,4,null]})",
      std::string("\x02\0\0\0\xff\xfe\xff"
                  "1234"
                  "hi",
                  13));
  const auto [samples, failure] = scan_all(k_mds_format, bytes_of(shard));
  ASSERT_FALSE(failure) << failure->what;
  const auto& fields = samples.at(0).fields;
  EXPECT_EQ(static_cast<int64_t>(fields[0].second.offset_bytes), -1);
  EXPECT_EQ(fields[1].second.offset_bytes, 0xfffeU);
  EXPECT_EQ(fields[2].second.length_bytes, 4U);
  EXPECT_EQ(shard.substr(fields[3].second.offset_bytes, 2), "hi");
}

TEST(Mds, a_flipped_byte_of_the_head_or_of_a_size_is_found_or_stays_within_the_file) {
  const std::string shard = encode_samples(k_mds_format, 3);
  int found = 0;
  for (size_t at = 0; at < shard.size(); ++at) {
    for (const int bit : {1, 16, 128}) {
      std::string flipped = shard;
      flipped[at] = static_cast<char>(flipped[at] ^ bit);
      found += scan_all(k_mds_format, bytes_of(flipped)).failure ? 1 : 0;  // and its own checks
    }
  }
  EXPECT_GT(found, 100) << "the format has no checksums, but its offsets must fit each other";
}

TEST(Mds, a_file_cut_at_any_byte_is_a_failure) {
  const std::string shard = encode_samples(k_mds_format, 3);
  for (size_t size = 0; size < shard.size(); ++size) {
    EXPECT_TRUE(scan_all(k_mds_format, bytes_of(shard.substr(0, size))).failure) << size;
  }
}

TEST(Mds, configurations_that_do_not_say_the_columns_are_refused) {
  for (const char* config :
       {"", "x", "[]", "{}", R"({"column_names":[],"column_encodings":[],"column_sizes":[]})",
        R"({"column_names":["b","a"],"column_encodings":["int","int"],"column_sizes":[8,8]})",
        R"({"column_names":["a"],"column_encodings":["int"],"column_sizes":[-8]})",
        R"({"column_names":["a"],"column_encodings":["int"],"column_sizes":[]})",
        R"({"column_names":[1],"column_encodings":["int"],"column_sizes":[8]})",
        R"({"column_names":[""],"column_encodings":["int"],"column_sizes":[8]})"}) {
    EXPECT_TRUE(scan_all(k_mds_format, bytes_of(shard_of(config, "12345678"))).failure) << config;
  }
  const std::string one = R"({"column_names":["a"],"column_encodings":["x"],"column_sizes":[9]})";
  EXPECT_THAT(scan_all(k_mds_format, bytes_of(shard_of(one, "12345678"))).failure->what,
              HasSubstr("leaves its sample"));
  EXPECT_THAT(scan_all(k_mds_format, bytes_of(shard_of(one, "1234567890"))).failure->what,
              HasSubstr("longer than its columns"));
}

}  // namespace
}  // namespace headrace::formats
