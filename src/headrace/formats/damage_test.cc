// Small files of each format with every bit flipped and cut at every byte: a clear failure, or what
// was written, but for bytes that the format itself has no checksum of. The table for users is
// docs/formats/damage.md; formats with a test of their own for this are named there.
#include "headrace/formats/damage.h"

#include "headrace/codec/codec.h"
#include "headrace/formats/jsonl.h"
#include "headrace/formats/mds.h"
#include "headrace/formats/packed_tar.h"
#include "headrace/formats/parquet.h"
#include "headrace/formats/tar_builder.h"
#include "headrace/formats/tfrecord.h"

namespace headrace::formats {
namespace {

std::string some_tar() {
  return TarBuilder()
      .add("a.cls", "3")
      .add("a.jpg", "a picture")
      .add("b.cls", "-1")
      .add("b.jpg", std::string(700, 'p'))
      .finished();
}

std::string some_lines() {
  return "{\"cls\": 3, \"txt\": \"a text\"}\n{\"cls\": -1, \"txt\": \"another\", \"n\": [1, 2]}\n";
}

std::string squeezed(codec::Kind kind, const std::string& plain) {
  const auto packed = codec::compressed(kind, bytes_of(plain), codec::level_of(kind)->standard);
  return {reinterpret_cast<const char*>(packed.data()), packed.size()};
}

ReadContent reader_of(const ShardFormat& format) {
  return [&format](std::span<const std::byte> bytes) { return content_of(format, bytes); };
}

// Whether a byte is one that a field hands out, which only an index has a checksum of.
bool is_in_a_field(const ShardFormat& format, const std::string& shard, size_t at) {
  for (const ScannedSample& sample : scan_all(format, bytes_of(shard)).samples) {
    for (const auto& [name, extent] : sample.fields) {
      if (extent.length_bytes == k_inline || extent.length_bytes == k_absent) continue;
      if (at >= extent.offset_bytes && at - extent.offset_bytes < extent.length_bytes) return true;
    }
  }
  return false;
}

TEST(Damage, of_formats_with_checksums_is_never_silent) {
  const std::string records = encode_samples(k_tfrecord_format, 3);
  EXPECT_EQ(flip_each_bit(records, reader_of(k_tfrecord_format)).silent_count, 0U);
  EXPECT_EQ(unnoticed_cuts(records, reader_of(k_tfrecord_format)), 3U) << "between records";
}

TEST(Damage, of_files_compressed_as_a_whole_is_never_silent_and_no_cut_is) {
  for (const codec::Kind kind : {codec::Kind::gzip, codec::Kind::zstd, codec::Kind::lz4}) {
    const std::string tar = squeezed(kind, some_tar()), lines = squeezed(kind, some_lines());
    const ReadContent read_tar = reader_of(k_packed_tar_format);
    EXPECT_EQ(flip_each_bit(tar, read_tar).silent_count, 0U) << codec::name_of(kind);
    EXPECT_EQ(unnoticed_cuts(tar, read_tar), 0U) << codec::name_of(kind);
    if (kind == codec::Kind::lz4) continue;
    const ReadContent read_lines = reader_of(k_jsonl_format);
    EXPECT_EQ(flip_each_bit(lines, read_lines).silent_count, 0U) << codec::name_of(kind);
    EXPECT_EQ(unnoticed_cuts(lines, read_lines), 1U) << "a file of 0 bytes has no lines";
  }
}

TEST(Damage, of_a_tar_is_silent_only_within_a_field) {
  const std::string tar = some_tar();
  const Flips flips = flip_each_bit(tar, reader_of(k_tar_format));
  EXPECT_GT(flips.noticed_count, 4U * 512);
  for (const size_t at : flips.silent_at) EXPECT_TRUE(is_in_a_field(k_tar_format, tar, at)) << at;
  const auto whole = reader_of(k_tar_format)(bytes_of(tar));
  for (size_t size = 0; size < tar.size(); ++size) {
    const auto cut = reader_of(k_tar_format)(bytes_of(tar).first(size));
    EXPECT_TRUE(!cut || cut == whole) << size << ": within the end mark nothing is lost";
  }
}

TEST(Damage, of_a_parquet_file_is_silent_only_in_its_footer) {
  const std::string shard = encode_samples(k_parquet_format, 3);
  uint32_t footer_bytes = 0;
  std::memcpy(&footer_bytes, shard.data() + shard.size() - 8, 4);
  const Flips flips = flip_each_bit(shard, reader_of(k_parquet_format));
  for (const size_t at : flips.silent_at) EXPECT_GE(at, shard.size() - 8 - footer_bytes);
  EXPECT_EQ(unnoticed_cuts(shard, reader_of(k_parquet_format)), 0U);
}

TEST(Damage, of_formats_without_checksums_ends_and_each_cut_is_told) {
  const std::string mds = encode_samples(k_mds_format, 3);
  EXPECT_GT(flip_each_bit(mds, reader_of(k_mds_format)).noticed_count, 100U);
  EXPECT_EQ(unnoticed_cuts(mds, reader_of(k_mds_format)), 0U);
  const std::string lines = some_lines();
  EXPECT_GT(flip_each_bit(lines, reader_of(k_jsonl_format)).noticed_count, lines.size());
  const size_t line_count = 2;  // before its first letter, between the brace and the line's end
  EXPECT_LE(unnoticed_cuts(lines, reader_of(k_jsonl_format)), 2 * line_count);
}

}  // namespace
}  // namespace headrace::formats
