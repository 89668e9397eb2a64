// The encoder's bytes, spelled out; that they read back is in tfrecord_test.cc.
#include "headrace/formats/tfrecord_encoder.h"

#include <gtest/gtest.h>

#include "headrace/formats/scan_all.h"
#include "headrace/formats/tar_builder.h"
#include "headrace/formats/tfrecord.h"

namespace headrace::formats {
namespace {

TEST(TfRecordEncoder, writes_a_record_as_protobuf_would) {
  std::string shard;
  TfRecordEncoder encoder([&](std::span<const std::byte> bytes) {
    shard.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  });
  encoder.append(std::array{FieldBytes{"cls", bytes_of(std::string_view("300\n"))},
                            FieldBytes{"jpg", bytes_of(std::string_view("xyz"))}});
  const std::string_view record(
      "\x0a\x1f"
      "\x0a\x0d\x0a\x03"
      "cls"
      "\x12\x06\x1a\x04\x0a\x02\xac\x02"
      "\x0a\x0e\x0a\x03"
      "jpg"
      "\x12\x07\x0a\x05\x0a\x03"
      "xyz");
  EXPECT_EQ(shard.substr(12, record.size()), record);
  EXPECT_EQ(shard.size(), record.size() + 16);
  EXPECT_EQ(encoder.size_bytes(), shard.size());
}

TEST(TfRecordEncoder, fields_over_every_size_of_length_read_back) {
  for (const size_t size : {0UL, 1UL, 126UL, 127UL, 128UL, 16'383UL, 16'384UL, 3'000'000UL}) {
    const std::string image(size, 'i');
    std::string shard;
    TfRecordEncoder encoder([&](std::span<const std::byte> bytes) {
      shard.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    });
    encoder.append(std::array{FieldBytes{"jpg", bytes_of(image)}});
    const auto [samples, failure] = scan_all(k_tfrecord_format, bytes_of(shard));
    ASSERT_FALSE(failure) << failure->what;
    EXPECT_EQ(samples.at(0).fields.at(0).second.length_bytes, size);
  }
}

TEST(TfRecordEncoder, a_key_is_no_field_and_extents_are_those_of_a_scan) {
  const std::string image(300, 'i');
  const std::array fields{FieldBytes{"cls", bytes_of(std::string_view("7"))},
                          FieldBytes{"jpg", bytes_of(image)}};
  std::vector<std::byte> bytes;
  std::array<FieldExtent, 2> extents;
  append_tfrecord({fields}, bytes);
  append_tfrecord({fields, "a/b.0007"}, bytes, extents);
  append_tfrecord({fields, std::string(k_key_limit_bytes + 1, 'k')}, bytes);
  const auto [samples, failure] = scan_all(k_tfrecord_format, bytes);
  ASSERT_FALSE(failure) << failure->what;
  ASSERT_EQ(samples.size(), 3U);
  EXPECT_EQ(samples[0].key, "0");
  EXPECT_EQ(samples[1].key, "a/b.0007");
  EXPECT_EQ(samples[2].key, "2");
  ASSERT_EQ(samples[1].fields.size(), 2U);
  for (size_t i = 0; i < 2; ++i) EXPECT_EQ(samples[1].fields[i].second, extents[i]);
}

}  // namespace
}  // namespace headrace::formats
