// Records with checksums: what we write reads back, and no damaged byte is believed.
#include "headrace/formats/tfrecord.h"

#include <gmock/gmock.h>

#include "headrace/base/crc32c.h"
#include "headrace/base/hash.h"

#include "headrace/formats/scan_all.h"
#include "headrace/formats/tar_builder.h"

namespace headrace::formats {
namespace {

using testing::HasSubstr;

TEST(TfRecord, what_the_encoder_writes_reads_back_in_place) {
  const std::string shard = encode_samples(k_tfrecord_format, 12);
  const auto [samples, failure] = scan_all(k_tfrecord_format, bytes_of(shard));
  ASSERT_FALSE(failure) << failure->what;
  ASSERT_EQ(samples.size(), 12U);
  for (int i = 0; i < 12; ++i) {
    EXPECT_TRUE(is_encoded_sample(shard, samples[static_cast<size_t>(i)], i)) << i;
  }
  EXPECT_EQ(samples[11].key, "11");
  EXPECT_EQ(recognize(memory_source(bytes_of(shard))), &k_tfrecord_format);
}

TEST(TfRecord, a_scan_may_begin_at_any_record) {
  const std::string shard = encode_samples(k_tfrecord_format, 5);
  const auto samples = scan_all(k_tfrecord_format, bytes_of(shard)).samples;
  const auto from = k_tfrecord_format.scan(
      memory_source(bytes_of(shard)),
      {.sample_index = 3, .record_offset_bytes = samples[3].record_offset_bytes});
  EXPECT_EQ((**from->next()).key, "3");
  EXPECT_EQ((**from->next()).fields, samples[4].fields);
  EXPECT_FALSE(*from->next());
}

TEST(TfRecord, every_flipped_byte_is_found) {
  const std::string shard = encode_samples(k_tfrecord_format, 3);
  for (size_t at = 0; at < shard.size(); ++at) {
    for (const int bit : {1, 16, 128}) {
      std::string flipped = shard;
      flipped[at] = static_cast<char>(flipped[at] ^ bit);
      EXPECT_TRUE(scan_all(k_tfrecord_format, bytes_of(flipped)).failure) << at;
    }
  }
}

// What a scan gives that salvages, by each record's place.
ScannedAll salvage(const std::string& shard) {
  ScannedAll scanned;
  const auto scanner = k_tfrecord_format.scan(memory_source(bytes_of(shard)),
                                              {.cut_member = CutMember::comes_first});
  while (true) {
    auto sample = scanner->next();
    if (!sample) scanned.failure = sample.error();
    if (!sample || !*sample) return scanned;
    scanned.samples.push_back(std::move(**sample));
  }
}

TEST(TfRecord, a_flipped_byte_of_a_record_loses_that_record_alone_and_one_of_its_length_the_rest) {
  const std::string shard = encode_samples(k_tfrecord_format, 3);
  const auto whole = scan_all(k_tfrecord_format, bytes_of(shard)).samples;
  for (size_t at = 0; at < shard.size(); ++at) {
    std::string flipped = shard;
    flipped[at] = static_cast<char>(flipped[at] ^ 16);
    const auto behind =
        std::ranges::upper_bound(whole, at, {}, &ScannedSample::record_offset_bytes);
    const auto hit = static_cast<size_t>(behind - whole.begin()) - 1;
    const auto [samples, failure] = salvage(flipped);
    const bool is_of_length = at - whole[hit].record_offset_bytes < k_tfrecord_head_bytes;
    ASSERT_EQ(failure.has_value(), is_of_length) << at;
    ASSERT_EQ(samples.size(), is_of_length ? hit : 3U) << at;
    for (size_t i = 0; i < samples.size(); ++i) {
      EXPECT_EQ(samples[i].record_offset_bytes, whole[i].record_offset_bytes);
      ASSERT_EQ(samples[i].lost.has_value(), i == hit) << at;
      if (i != hit) {
        EXPECT_EQ(samples[i].fields, whole[i].fields) << at;
        continue;
      }
      const FieldExtent& lost = *samples[i].lost;
      EXPECT_FALSE(leaves(lost, shard.size()));
      const auto bytes = bytes_of(flipped).subspan(lost.offset_bytes, lost.length_bytes);
      EXPECT_NE(lost.checksum, xxh3(bytes));
      EXPECT_NE(lost.checksum, 0U);
    }
  }
}

TEST(TfRecord, a_file_cut_at_any_byte_but_between_records_is_a_failure_with_its_record) {
  const std::string shard = encode_samples(k_tfrecord_format, 3);
  const auto whole = scan_all(k_tfrecord_format, bytes_of(shard)).samples;
  for (size_t size = 0; size < shard.size(); ++size) {
    const auto [samples, failure] = scan_all(k_tfrecord_format, bytes_of(shard.substr(0, size)));
    const bool between =
        std::ranges::find(whole, size, &ScannedSample::record_offset_bytes) != whole.end();
    EXPECT_EQ(failure.has_value(), !between) << size;
    if (!failure) continue;
    EXPECT_EQ(failure->offset_bytes, whole[samples.size()].record_offset_bytes);
  }
}

TEST(TfRecord, files_are_found_by_the_names_that_are_usual) {
  for (const char* name : {"a.tfrecord", "a.tfrecords", "a.tfrec", "train-00000-of-01024",
                           "x.tfrecord-00000-of-00010"}) {
    EXPECT_EQ(named_format(name), &k_tfrecord_format) << name;
  }
  for (const char* name : {"train-00000-of-01024.parquet", "train-00000-of-", "-of-1", "1-of-2",
                           "a-of-b", "a.tfrecord.hrx", "a.tfrecord.gz", "best-of-10"}) {
    EXPECT_NE(named_format(name), &k_tfrecord_format) << name;
  }
}

TEST(TfRecord, a_length_that_lies_with_a_true_checksum_is_refused) {
  std::string record(12, '\0');
  for (const uint64_t length : {UINT64_MAX, UINT64_MAX - 15, uint64_t{1} << 40}) {
    std::memcpy(record.data(), &length, 8);
    const uint32_t sum = masked_crc32c(crc32c(bytes_of(record).first(8)));
    std::memcpy(record.data() + 8, &sum, 4);
    const auto failure = scan_all(k_tfrecord_format, bytes_of(record + "1234")).failure;
    EXPECT_THAT(failure->what, HasSubstr("leaves the file"));
  }
}

}  // namespace
}  // namespace headrace::formats
