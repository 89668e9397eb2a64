// What goes in comes out, and damage of every byte is told; the tools' own files are read in
// tests/conformance.
#include "headrace/codec/codec.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "headrace/base/endian.h"
#include "headrace/base/temp_folder.h"

namespace headrace::codec {
namespace {

constexpr Kind k_written[] = {Kind::zstd, Kind::lz4, Kind::gzip, Kind::snappy};
constexpr size_t k_limit = size_t{64} << 20;

std::string prose(size_t size) {
  std::string text;
  for (size_t i = 0; text.size() < size; ++i) text += "row " + std::to_string(i * i) + " of it\n";
  text.resize(size);
  return text;
}

bool holds(const std::expected<std::vector<std::byte>, const char*>& made, std::string_view text) {
  return made && std::ranges::equal(*made, bytes_of(text));
}

TEST(Codec, each_byte_flipped_is_an_error_or_changes_nothing) {
  const std::string text = prose(400);
  for (const Kind kind : k_written) {
    const auto packed = compressed(kind, bytes_of(text), level_of(kind)->standard);
    size_t refused_count = 0;
    for (size_t at = 0; at < packed.size(); ++at) {
      for (const int bit : {0, 3, 7}) {
        auto bad = packed;
        bad[at] ^= static_cast<std::byte>(1 << bit);
        const auto made = decompressed(kind, bad, k_limit);
        // Header fields that nobody needs, a match elsewhere in the same words: the text holds.
        EXPECT_TRUE(!made || holds(made, text)) << name_of(kind) << " byte " << at << " " << bit;
        refused_count += made ? 0 : 1;
      }
    }
    EXPECT_GT(refused_count, 3 * packed.size() * 9 / 10) << name_of(kind);
  }
}

TEST(Codec, a_frame_cut_anywhere_or_with_more_behind_it_is_an_error) {
  const std::string text = prose(400);
  for (const Kind kind : k_written) {
    auto packed = compressed(kind, bytes_of(text), level_of(kind)->standard);
    for (size_t size = 0; size < packed.size(); ++size) {
      EXPECT_FALSE(decompressed(kind, std::span(packed).first(size), k_limit)) << size;
      std::vector<std::byte> target(text.size());
      EXPECT_FALSE(Decompressor().run(kind, std::span(packed).first(size), target)) << size;
    }
    packed.push_back(std::byte{7});
    EXPECT_FALSE(decompressed(kind, packed, k_limit)) << name_of(kind);
  }
}

TEST(Codec, a_size_that_lies_is_refused_before_room_is_made_for_it) {
  const std::string text = prose(400);
  auto gzip = compressed(Kind::gzip, bytes_of(text), 6);
  store_le<uint32_t>(gzip.data() + gzip.size() - 4, 0xffffffff);
  EXPECT_EQ(announced_bytes(Kind::gzip, gzip), std::nullopt);
  auto lz4 = compressed(Kind::lz4, bytes_of(text), 0);
  store_le<uint64_t>(lz4.data() + 6, uint64_t{1} << 60);
  EXPECT_EQ(announced_bytes(Kind::lz4, lz4), std::nullopt);
  const std::string zeros(size_t{1} << 20, '\0');
  const auto honest = compressed(Kind::zstd, bytes_of(zeros), 3);
  EXPECT_EQ(announced_bytes(Kind::zstd, honest), zeros.size());
  EXPECT_STREQ(decompressed(Kind::zstd, honest, 1000).error(), "it announces too many bytes");
}

TEST(Codec, a_target_of_another_size_is_an_error) {
  const std::string text = prose(400);
  Decompressor decompressor;
  for (const Kind kind : k_written) {
    const auto packed = compressed(kind, bytes_of(text), level_of(kind)->standard);
    for (const size_t size : {0u, 1u, 399u, 401u, 5000u}) {
      std::vector<std::byte> target(size);
      EXPECT_FALSE(decompressor.run(kind, packed, target)) << name_of(kind) << size;
    }
    std::vector<std::byte> target(400);
    EXPECT_TRUE(decompressor.run(kind, packed, target)) << "and the next one is well";
  }
}

TEST(Codec, a_raw_block_of_lz4_needs_its_size_from_elsewhere) {
  const std::string packed = std::string("\x4f", 1) + "abcd" + std::string("\x04\x00\x00\x50", 4) +
                             "vwxyz";  // 4 literals, 19 from 4 back, 5 literals
  std::string wanted = "abcd";
  for (size_t i = 0; i < 19; ++i) wanted += wanted[i];
  wanted += "vwxyz";
  std::vector<std::byte> target(wanted.size());
  EXPECT_TRUE(Decompressor().run(Kind::lz4_block, bytes_of(packed), target));
  EXPECT_TRUE(std::ranges::equal(target, bytes_of(wanted)));
  EXPECT_FALSE(decompressed(Kind::lz4_block, bytes_of(packed), k_limit));
}

TEST(Codec, names_say_the_kind_as_the_tools_do) {
  EXPECT_EQ(packed_name("npy.zst").name, "npy");
  EXPECT_EQ(packed_name("npy.zst").kind, Kind::zstd);
  EXPECT_EQ(packed_name("seg.npy.lz4").name, "seg.npy");
  EXPECT_EQ(packed_name("txt.gz").kind, Kind::gzip);
  EXPECT_EQ(packed_name("npy.sz").kind, Kind::snappy);
  EXPECT_EQ(packed_name("npy").kind, Kind::none);
  EXPECT_EQ(packed_name(".gz").kind, Kind::none) << "nothing would be left";
}

}  // namespace
}  // namespace headrace::codec
