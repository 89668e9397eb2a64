// Plain, gzip and Zstandard, whole and damaged.
#include "headrace/formats/byte_stream.h"

#include <gtest/gtest.h>

#include "headrace/base/temp_folder.h"
#include "headrace/codec/codec.h"

namespace headrace::formats {
namespace {

std::string packed_as(codec::Kind kind, const std::string& text) {
  const auto made = codec::compressed(kind, bytes_of(text), codec::level_of(kind)->standard);
  return {reinterpret_cast<const char*>(made.data()), made.size()};
}

std::string gzipped(const std::string& text) { return packed_as(codec::Kind::gzip, text); }
std::string zstandard(const std::string& text) { return packed_as(codec::Kind::zstd, text); }

std::expected<std::string, ScanFailure> read_stream(std::string_view bytes, size_t piece_bytes) {
  const auto stream = open_stream(memory_source(bytes_of(bytes)));
  std::string text, piece(piece_bytes, '\0');
  while (true) {
    const auto moved = stream->read(std::as_writable_bytes(std::span(piece)));
    if (!moved) return std::unexpected(moved.error());
    if (*moved == 0) break;
    text += piece.substr(0, *moved);
  }
  EXPECT_EQ(stream->at_bytes(), bytes.size());
  return text;
}

std::string some_text() {
  std::string text;
  for (uint64_t i = 0; i < 200'000; ++i) text += std::to_string(i * i % 1009) + ' ';
  return text;
}

TEST(ByteStream, plain_gzip_and_zstandard_give_the_same_bytes) {
  const std::string text = some_text();
  for (const size_t piece_bytes : {size_t{1000}, size_t{1} << 20}) {
    for (const std::string& bytes : {text, gzipped(text), zstandard(text)}) {
      EXPECT_EQ(read_stream(bytes, piece_bytes).value(), text);
    }
  }
}

TEST(ByteStream, several_streams_behind_each_other_are_one) {
  EXPECT_EQ(read_stream(gzipped("one ") + gzipped("") + gzipped("two"), 100).value(), "one two");
  EXPECT_EQ(read_stream(zstandard("one ") + zstandard("") + zstandard("two"), 100).value(),
            "one two");
}

TEST(ByteStream, every_cut_and_every_flipped_byte_of_a_compressed_file_is_a_failure) {
  const std::string text = "some text, and some more of that text, and more";
  for (const std::string& whole : {gzipped(text), zstandard(text)}) {
    for (size_t size = 5; size < whole.size(); ++size) {
      EXPECT_FALSE(read_stream(whole.substr(0, size), 100)) << size;
    }
    for (size_t at = 4; at < whole.size(); ++at) {
      std::string flipped = whole;
      flipped[at] = static_cast<char>(flipped[at] ^ 0x10);
      const auto read = read_stream(flipped, 100);
      EXPECT_TRUE(!read || *read == text) << at;  // gzip's time and system say nothing of the text
    }
  }
}

}  // namespace
}  // namespace headrace::formats
