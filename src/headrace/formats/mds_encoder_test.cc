// The encoder's bytes against those of Streaming, and what MDS cannot hold.
#include "headrace/formats/mds_encoder.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "headrace/base/error.h"
#include "headrace/base/temp_folder.h"
#include "headrace/formats/scan_all.h"
#include "headrace/formats/tar_builder.h"

namespace headrace::formats {
namespace {

class MdsEncoderTest : public testing::Test {
 protected:
  void append(std::string_view label, std::string_view image, std::string_view name = "jpg") {
    encoder_.append(
        std::array{FieldBytes{"cls", bytes_of(label)}, FieldBytes{name, bytes_of(image)}});
  }
  std::string shard_;
  MdsEncoder encoder_{[this](std::span<const std::byte> bytes) {
    shard_.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  }};
};

TEST_F(MdsEncoderTest, writes_a_sample_as_streaming_does) {
  append("7", "abc");
  encoder_.finish();
  EXPECT_EQ(shard_.substr(shard_.size() - 15), std::string("\x03\0\0\0\x07\0\0\0\0\0\0\0abc", 15));
  EXPECT_EQ(encoder_.size_bytes(), shard_.size());
}

TEST_F(MdsEncoderTest, samples_of_other_columns_and_labels_that_are_no_numbers_are_refused) {
  append("7", "abc");
  EXPECT_THROW(append("7", "abc", "png"), Error);
  EXPECT_THROW(append("seven", "abc"), Error);
}

TEST_F(MdsEncoderTest, an_empty_shard_is_no_damage) {
  encoder_.finish();
  const auto scanned = scan_all(k_mds_format, bytes_of(shard_));
  EXPECT_FALSE(scanned.failure) << scanned.failure->what;
  EXPECT_TRUE(scanned.samples.empty());
}

TEST_F(MdsEncoderTest, the_folders_index_lists_shards_with_their_columns) {
  const TempFolder folder;
  append("7", "abc");
  encoder_.finish();
  write_text(folder / "s.mds", shard_);
  const Manifest manifest{.shards = {{.name = "s.mds",
                                      .index_name = "",
                                      .sample_count = 1,
                                      .size_bytes = shard_.size()}},
                          .sample_count = 1};
  write_mds_index(real_files(), folder.path(), manifest);
  const auto index = nlohmann::json::parse(read_text(folder / "index.json"));
  EXPECT_EQ(index["version"], 2);
  EXPECT_EQ(index["shards"][0]["raw_data"]["bytes"], shard_.size());
  EXPECT_EQ(index["shards"][0]["column_encodings"], nlohmann::json({"int", "jpeg"}));
  EXPECT_EQ(index["shards"][0]["samples"], 1);
  write_text(folder / "s.mds", "cut");
  EXPECT_THROW(write_mds_index(real_files(), folder.path(), manifest), Error);
}

}  // namespace
}  // namespace headrace::formats
