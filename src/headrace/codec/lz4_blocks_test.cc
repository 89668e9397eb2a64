// Blocks of frames that LZ4's library wrote; damaged, linked and foreign frames are refused.
#include "headrace/codec/lz4_blocks.h"

#include <gtest/gtest.h>
#include <lz4frame.h>

#include "headrace/codec/codec.h"

namespace headrace::codec {
namespace {

std::vector<std::byte> letters(size_t size_bytes) {
  std::vector<std::byte> bytes(size_bytes);
  for (size_t i = 0; i < size_bytes; ++i) bytes[i] = static_cast<std::byte>(i * i / 999 % 61);
  return bytes;
}

std::vector<std::byte> framed(const std::vector<std::byte>& bytes, LZ4F_preferences_t wanted) {
  std::vector<std::byte> made(LZ4F_compressFrameBound(bytes.size(), &wanted));
  made.resize(LZ4F_compressFrame(made.data(), made.size(), bytes.data(), bytes.size(), &wanted));
  return made;
}

LZ4F_preferences_t wanted_of(size_t size_bytes) {
  LZ4F_preferences_t wanted = LZ4F_INIT_PREFERENCES;
  wanted.frameInfo.contentSize = size_bytes;
  wanted.frameInfo.blockSizeID = LZ4F_max64KB;
  wanted.frameInfo.blockMode = LZ4F_blockIndependent;
  return wanted;
}

std::vector<std::byte> unpacked(const std::vector<PackedBlock>& blocks) {
  std::vector<std::byte> all;
  Decompressor decompressor;
  for (const PackedBlock& block : blocks) {
    std::vector<std::byte> part(block.size_bytes);
    EXPECT_TRUE(decompressor.run(block.stored ? Kind::none : Kind::lz4_block, block.bytes, part));
    all.insert(all.end(), part.begin(), part.end());
  }
  return all;
}

TEST(Lz4Blocks, is_its_blocks_with_and_without_checksums) {
  const auto bytes = letters(200'000);
  for (const bool checksums : {false, true}) {
    auto wanted = wanted_of(bytes.size());
    wanted.frameInfo.blockChecksumFlag =
        checksums ? LZ4F_blockChecksumEnabled : LZ4F_noBlockChecksum;
    wanted.frameInfo.contentChecksumFlag =
        checksums ? LZ4F_contentChecksumEnabled : LZ4F_noContentChecksum;
    std::vector<PackedBlock> blocks;
    ASSERT_TRUE(lz4_blocks(framed(bytes, wanted), bytes.size(), blocks));
    EXPECT_EQ(blocks.size(), 4u);
  }
}

TEST(Lz4Blocks, of_our_own_holds_the_field) {
  for (const size_t size_bytes : {size_t{1}, size_t{70'000}, size_t{9} << 20}) {
    const auto bytes = letters(size_bytes);
    const auto frame = compressed(Kind::lz4, bytes, 0);
    std::vector<PackedBlock> blocks;
    ASSERT_TRUE(lz4_blocks(frame, size_bytes, blocks));
    EXPECT_EQ(unpacked(blocks), bytes);
  }
}

TEST(Lz4Blocks, is_refused_cut_anywhere_or_of_another_size) {
  const auto bytes = letters(200'000);
  const auto frame = framed(bytes, wanted_of(bytes.size()));
  std::vector<PackedBlock> blocks;
  for (size_t size = 0; size < frame.size(); size += 97) {
    EXPECT_FALSE(lz4_blocks(std::span(frame).first(size), bytes.size(), blocks)) << size;
  }
  EXPECT_FALSE(lz4_blocks(frame, bytes.size() - 1, blocks));
  auto longer = frame;
  longer.push_back(std::byte{0});
  EXPECT_FALSE(lz4_blocks(longer, bytes.size(), blocks));
}

TEST(Lz4Blocks, with_linked_blocks_is_refused_unless_there_is_one) {
  const auto bytes = letters(200'000);
  auto wanted = wanted_of(bytes.size());
  wanted.frameInfo.blockMode = LZ4F_blockLinked;
  std::vector<PackedBlock> blocks;
  const auto refused = lz4_blocks(framed(bytes, wanted), bytes.size(), blocks);
  ASSERT_FALSE(refused);
  EXPECT_STREQ(refused.error(), "its blocks lean on each other");
  wanted.frameInfo.blockSizeID = LZ4F_max256KB;
  EXPECT_TRUE(lz4_blocks(framed(bytes, wanted), bytes.size(), blocks));
}

}  // namespace
}  // namespace headrace::codec
