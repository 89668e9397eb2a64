// Orientation from EXIF of both byte orders, and from EXIF that lies about its lengths.
#include <gtest/gtest.h>

#include <vector>

#include "headrace/jpeg/header.h"

namespace headrace::jpeg {
namespace {

struct Exif {
  bool big_endian = false;
  uint32_t directory_offset = 8;
  uint32_t entry_count = 2;
  uint32_t type = 3, count = 1, value = 6;
};

// Two entries: one of another tag, then the orientation.
std::vector<std::byte> make(const Exif& exif) {
  std::vector<std::byte> bytes;
  const auto put = [&](uint32_t value, int size_bytes) {
    for (int index = 0; index < size_bytes; ++index) {
      const int shift = 8 * (exif.big_endian ? size_bytes - 1 - index : index);
      bytes.push_back(static_cast<std::byte>(value >> shift & 255));
    }
  };
  for (const char letter : {'E', 'x', 'i', 'f', '\0', '\0'}) bytes.push_back(std::byte(letter));
  for (int index = 0; index < 2; ++index) bytes.push_back(std::byte(exif.big_endian ? 'M' : 'I'));
  put(42, 2);
  put(exif.directory_offset, 4);
  put(exif.entry_count, 2);
  put(0x010f, 2), put(2, 2), put(4, 4), put(0, 4);
  put(0x0112, 2), put(exif.type, 2), put(exif.count, 4);
  put(exif.value, exif.type == 3 ? 2 : 4);
  if (exif.type == 3) put(0, 2);
  return bytes;
}

TEST(Exif, gives_each_orientation_in_both_byte_orders) {
  for (const bool big_endian : {false, true}) {
    for (uint32_t value = 1; value <= 8; ++value) {
      EXPECT_EQ(parse_exif_orientation(make({.big_endian = big_endian, .value = value})), value);
      EXPECT_EQ(parse_exif_orientation(make({.big_endian = big_endian, .type = 4, .value = value})),
                value);
    }
  }
}

TEST(Exif, takes_an_impossible_orientation_for_an_upright_picture) {
  for (const uint32_t value : {0u, 9u, 256u, 0xffffu}) {
    EXPECT_EQ(parse_exif_orientation(make({.value = value})), 1);
  }
  EXPECT_EQ(parse_exif_orientation(make({.count = 2})), 1);
  EXPECT_EQ(parse_exif_orientation(make({.type = 2})), 1);
}

TEST(Exif, survives_lying_offsets_and_counts) {
  for (const uint32_t offset : {0u, 7u, 33u, 34u, 0x7fffffffu, 0xfffffff0u, 0xffffffffu}) {
    EXPECT_EQ(parse_exif_orientation(make({.directory_offset = offset})), 1) << offset;
  }
  EXPECT_EQ(parse_exif_orientation(make({.entry_count = 0xffff})), 6);
  EXPECT_EQ(parse_exif_orientation(make({.entry_count = 1})), 1);
}

TEST(Exif, survives_being_cut_off_anywhere) {
  const auto whole = make({});
  for (size_t size_bytes = 0; size_bytes < whole.size(); ++size_bytes) {
    EXPECT_EQ(parse_exif_orientation(std::span(whole).first(size_bytes)), 1) << size_bytes;
  }
}

}  // namespace
}  // namespace headrace::jpeg
