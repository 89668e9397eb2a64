// Steps of any size give the file's own bytes, and no byte beyond its end.
#include "headrace/formats/byte_window.h"

#include <gtest/gtest.h>

namespace headrace::formats {
namespace {

std::vector<std::byte> numbered(size_t count) {
  std::vector<std::byte> bytes(count);
  for (size_t i = 0; i < count; ++i) bytes[i] = static_cast<std::byte>(i * 7 + i / 251);
  return bytes;
}

TEST(ByteWindow, steps_of_any_size_see_the_files_bytes) {
  const auto bytes = numbered((size_t{3} << 20) + 17);
  ByteWindow window(memory_source(bytes));
  for (const size_t step : {1000UL, 70'001UL, 2UL << 20}) {
    for (size_t at = 0; at + step <= bytes.size(); at += step) {
      const auto seen = window.at(at, step);
      ASSERT_TRUE(seen && std::ranges::equal(*seen, std::span(bytes).subspan(at, step))) << at;
    }
  }
  EXPECT_TRUE(window.at(bytes.size(), 0));
  EXPECT_EQ((*window.at(5, 1))[0], bytes[5]) << "backwards";
}

TEST(ByteWindow, bytes_beyond_the_end_are_a_failure) {
  const auto bytes = numbered(100);
  ByteWindow window(memory_source(bytes));
  EXPECT_FALSE(window.at(90, 11));
  EXPECT_FALSE(window.at(101, 0));
  EXPECT_FALSE(window.at(1, UINT64_MAX));
  EXPECT_TRUE(window.at(90, 10));
}

TEST(ByteWindow, a_read_that_fails_is_told_and_nothing_of_it_believed) {
  const auto bytes = numbered(100);
  bool fails = false;
  const ByteSource good = memory_source(bytes);
  ByteWindow window({.read_at = [&](std::span<std::byte> target, uint64_t at) -> OrErrno<size_t> {
                       if (fails) return std::unexpected(EIO);
                       return good.read_at(target, at);
                     },
                     .size_bytes = size_t{10} << 20});
  EXPECT_FALSE(window.at(0, 8)) << "the file is shorter than it was said to be";
  fails = true;
  EXPECT_EQ(window.at(5, 8).error().offset_bytes, 5U);
}

}  // namespace
}  // namespace headrace::formats
