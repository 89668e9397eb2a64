// Chunks of every kind, of ours and of others, and frames that lie.
#include "headrace/codec/snappy_frame.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "headrace/base/crc32c.h"
#include "headrace/base/hash.h"
#include "headrace/base/temp_folder.h"
#include "headrace/codec/codec.h"
#include "headrace/codec/snappy.h"

namespace headrace::codec {
namespace {

using std::string_literals::operator""s;

const std::string k_stream = "\xff\x06\0\0sNaPpY"s;

std::string chunk(char type, const std::string& body) {
  std::string made(1, type);
  for (int shift = 0; shift < 24; shift += 8) {
    made.push_back(static_cast<char>(body.size() >> shift & 0xff));
  }
  return made + body;
}
std::string data_chunk(char type, const std::string& plain) {
  const uint32_t crc = masked_crc32c(crc32c(bytes_of(plain)));
  const auto packed = snappy_compressed(bytes_of(plain));
  const std::string raw(reinterpret_cast<const char*>(packed.data()), packed.size());
  return chunk(type,
               std::string(reinterpret_cast<const char*>(&crc), 4) + (type == 1 ? plain : raw));
}
std::string unframed(const std::string& frame) {
  const auto made = decompressed(Kind::snappy, bytes_of(frame), 1 << 20);
  if (!made) return "refused: "s + made.error();
  return {reinterpret_cast<const char*>(made->data()), made->size()};
}

TEST(SnappyFrame, of_others_is_read_with_what_has_to_be_passed_over) {
  EXPECT_EQ(unframed(k_stream + chunk('\xfe', "pad") + data_chunk(0, "abcabcabcabc") +
                     chunk('\x99', "") + data_chunk(1, "stored")),
            "abcabcabcabcstored");
  EXPECT_EQ(unframed(k_stream + chunk('\xfe', "")), "");
}

TEST(SnappyFrame, that_lies_is_refused) {
  const std::string good = data_chunk(0, "abcabcabcabc");
  for (const std::string& bad :
       {""s, k_stream, k_stream.substr(0, 9), good, k_stream + good + "\x00"s,
        k_stream + chunk(2, "abcdef"), k_stream + chunk(0, "abc"), k_stream + k_stream + good,
        k_stream + chunk(1, "abcd"), k_stream + chunk(1, "abcd" + std::string(65537, 'x')),
        k_stream + good.substr(0, good.size() - 1),
        k_stream + chunk('\x80', "HRSZ\x0d\0\0\0\0\0\0\0"s) + good}) {
    EXPECT_TRUE(unframed(bad).starts_with("refused")) << bad.size();
  }
  EXPECT_EQ(unframed(k_stream + chunk('\x80', "HRSZ\x0c\0\0\0\0\0\0\0"s) + good), "abcabcabcabc");
}

TEST(SnappyFrame, of_ours_is_its_blocks_which_are_stored_where_nothing_shrinks) {
  std::vector<std::byte> bytes(150'000);
  for (size_t i = 0; i < bytes.size(); ++i) {
    bytes[i] = static_cast<std::byte>(i < 70'000 ? i / 100 : mix64(i));
  }
  const auto frame = snappy_frame(bytes);
  EXPECT_EQ(snappy_frame_bytes(frame), bytes.size());
  std::vector<PackedBlock> blocks;
  ASSERT_TRUE(snappy_frame_blocks(frame, bytes.size(), blocks));
  ASSERT_EQ(blocks.size(), 3U);
  EXPECT_FALSE(blocks[0].stored);
  EXPECT_TRUE(blocks[2].stored);
  std::vector<std::byte> all;
  for (const PackedBlock& block : blocks) {
    std::vector<std::byte> part(block.size_bytes);
    ASSERT_TRUE(
        Decompressor().run(block.stored ? Kind::none : Kind::snappy_block, block.bytes, part));
    all.insert(all.end(), part.begin(), part.end());
  }
  EXPECT_EQ(all, bytes);
  for (const size_t other : {size_t{0}, bytes.size() - 1, bytes.size() + 1}) {
    EXPECT_FALSE(snappy_frame_blocks(frame, other, blocks)) << other;
  }
}

}  // namespace
}  // namespace headrace::codec
