// Against bytes that Python's zlib made.
#include "headrace/codec/zip.h"

#include <gtest/gtest.h>

#include <string_view>
#include <vector>

namespace headrace::codec {
namespace {

constexpr std::string_view k_text = "abracadabra, abracadabra";
// zlib.compressobj(wbits=-15): a literal run and a copy of it.
constexpr std::string_view k_packed(
    "\x4b\x4c\x2a\x4a\x4c\x4e\x4c\x49\x04\x52\x3a\x0a\x89\x08\x0e\x00", 16);

TEST(Zip, what_zlib_packed_comes_back_and_damage_does_not) {
  std::vector<std::byte> target(k_text.size());
  ASSERT_TRUE(inflate(std::as_bytes(std::span(k_packed)), target));
  EXPECT_EQ(std::string_view(reinterpret_cast<char*>(target.data()), target.size()), k_text);
  for (size_t size = 0; size < k_packed.size(); ++size) {
    EXPECT_FALSE(inflate(std::as_bytes(std::span(k_packed.substr(0, size))), target)) << size;
  }
  target.resize(k_text.size() - 1);
  EXPECT_FALSE(inflate(std::as_bytes(std::span(k_packed)), target));
  EXPECT_GE(inflated_bytes_max(k_packed.size()), k_text.size());
}

TEST(Zip, a_checksum_goes_on_from_the_bytes_before) {
  const auto bytes = std::as_bytes(std::span(k_text));
  EXPECT_EQ(zip_crc32(0, std::as_bytes(std::span(std::string_view("123456789")))), 0xcbf43926U);
  EXPECT_EQ(zip_crc32(zip_crc32(0, bytes.first(5)), bytes.subspan(5)), zip_crc32(0, bytes));
}

}  // namespace
}  // namespace headrace::codec
