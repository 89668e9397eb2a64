// Compressed pages made here, and what is refused of them.
#include "headrace/formats/parquet_pages.h"

#include <gtest/gtest.h>

#include "headrace/base/temp_folder.h"
#include "headrace/codec/codec.h"
#include "headrace/formats/thrift_writer.h"

namespace headrace::formats {
namespace {

std::string text_of(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

struct PageSizes {
  size_t plain_bytes;
  int32_t value_count;
};

std::string page_of(const std::string& stored, const PageSizes& sizes) {
  ThriftWriter header;
  header.enter();
  header.i32(1, 0);
  header.i32(2, static_cast<int32_t>(sizes.plain_bytes));
  header.i32(3, static_cast<int32_t>(stored.size()));
  header.begin_struct(5);
  header.i32(1, sizes.value_count);
  header.i32(2, 0);
  header.i32(3, 3);
  header.i32(4, 3);
  header.end_struct();
  header.end_struct();
  return text_of(header.bytes()) + stored;
}

const std::string k_values("\3\0\0\0abc\0\0\0\0\2\0\0\0de", 4 + 3 + 4 + 4 + 2);

std::string packed_values(codec::Kind kind) {
  return text_of(codec::compressed(kind, bytes_of(k_values), codec::level_of(kind)->standard));
}

struct ReadPage {
  std::vector<std::string> values = {};
  std::optional<ScanFailure> failure = {};
};

ReadPage read_page(const std::string& page, ParquetCodec codec) {
  ByteWindow window(memory_source(bytes_of(page)));
  const ParquetColumn column{.name = "text"};
  const ParquetChunk chunk{.codec = codec, .value_count = 3, .length_bytes = page.size()};
  std::vector<std::byte> decoded;
  const auto values = read_parquet_chunk(window, column, chunk, {.decoded = &decoded});
  if (!values) return {.failure = values.error()};
  ReadPage read;
  for (const FieldExtent& value : *values) {
    read.values.push_back(
        text_of(std::span(decoded).subspan(value.offset_bytes, value.length_bytes)));
  }
  return read;
}

TEST(ParquetPages, compressed_pages_are_decoded) {
  const PageSizes sizes{k_values.size(), 3};
  const std::vector<std::string> wanted = {"abc", "", "de"};
  EXPECT_EQ(read_page(page_of(k_values, sizes), ParquetCodec::none).values, wanted);
  const std::string zstd = page_of(packed_values(codec::Kind::zstd), sizes);
  EXPECT_EQ(read_page(zstd, ParquetCodec::zstd).values, wanted);
  const std::string gzip = page_of(packed_values(codec::Kind::gzip), sizes);
  EXPECT_EQ(read_page(gzip, ParquetCodec::gzip).values, wanted);
}

TEST(ParquetPages, every_flipped_byte_of_a_page_with_a_checksum_is_found) {
  const std::string stored = packed_values(codec::Kind::zstd);
  for (size_t at = 0; at < stored.size(); ++at) {
    std::string flipped = stored;
    flipped[at] = static_cast<char>(flipped[at] ^ 4);
    const ReadPage read = read_page(page_of(flipped, {k_values.size(), 3}), ParquetCodec::zstd);
    EXPECT_TRUE(read.failure) << at;
  }
}

TEST(ParquetPages, a_page_that_cannot_hold_what_it_says_is_refused_before_room_is_made) {
  const std::pair<codec::Kind, ParquetCodec> kinds[] = {{codec::Kind::zstd, ParquetCodec::zstd},
                                                        {codec::Kind::gzip, ParquetCodec::gzip}};
  for (const auto& [kind, named] : kinds) {
    for (const size_t plain_bytes : {size_t{1}, k_values.size() + 1, size_t{0x7fffffff}}) {
      const ReadPage read = read_page(page_of(packed_values(kind), {plain_bytes, 3}), named);
      ASSERT_TRUE(read.failure) << plain_bytes;
      EXPECT_TRUE(read.failure->what.contains("column text cannot hold")) << read.failure->what;
    }
  }
}

TEST(ParquetPages, a_codec_that_is_not_read_is_named_with_what_to_do) {
  const ReadPage read = read_page(page_of(k_values, {k_values.size(), 3}), ParquetCodec::brotli);
  ASSERT_TRUE(read.failure);
  EXPECT_TRUE(read.failure->what.contains("column text is compressed by brotli"))
      << read.failure->what;
  EXPECT_TRUE(read.failure->what.contains("write the file again")) << read.failure->what;
}

}  // namespace
}  // namespace headrace::formats
