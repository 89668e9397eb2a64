// Arenas: alignment, size, page kinds, moves, and refusals that say what limits.
#include "headrace/memory/arena.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "headrace/base/error.h"

namespace headrace::memory {
namespace {

TEST(Arena, has_exactly_the_size_asked_and_starts_on_a_page) {
  for (const size_t size : {size_t{1}, size_t{4097}, size_t{3} << 20}) {
    const Arena arena({.size_bytes = size});
    EXPECT_EQ(arena.bytes().size(), size);
    EXPECT_EQ(reinterpret_cast<uintptr_t>(arena.bytes().data()) % 4096, 0u);
  }
}

TEST(Arena, starts_on_a_huge_page_boundary_when_it_is_transparent_huge) {
  const Arena arena({.size_bytes = size_t{5} << 20});
  if (arena.page_kind() == "plain") GTEST_SKIP() << "the kernel gives no huge pages here";
  EXPECT_EQ(reinterpret_cast<uintptr_t>(arena.bytes().data()) % (size_t{2} << 20), 0u);
}

TEST(Arena, is_plain_when_huge_pages_are_not_wanted_or_it_is_small) {
  EXPECT_EQ(Arena({.size_bytes = size_t{4} << 20, .huge_pages = false}).page_kind(), "plain");
  EXPECT_EQ(Arena({.size_bytes = size_t{255} << 10}).page_kind(), "plain");
}

TEST(Arena, is_writable_to_its_last_byte_and_zero_at_birth) {
  const Arena arena({.size_bytes = (size_t{2} << 20) + 1});
  const auto is_zero = [](std::byte byte) { return byte == std::byte{0}; };
  EXPECT_TRUE(std::ranges::all_of(arena.bytes(), is_zero));
  std::ranges::fill(arena.bytes(), std::byte{7});
}

TEST(Arena, moves_without_moving_its_bytes) {
  Arena first({.size_bytes = 8192});
  const std::byte* at = first.bytes().data();
  Arena second(std::move(first));
  EXPECT_EQ(second.bytes().data(), at);
  EXPECT_TRUE(first.bytes().empty());
  Arena third({.size_bytes = 4096});
  third = std::move(second);
  EXPECT_EQ(third.bytes().data(), at);
}

TEST(Arena, says_what_was_asked_and_what_limits_it_when_there_is_not_enough) {
  try {
    const Arena arena({.size_bytes = size_t{1} << 46});
    FAIL() << "64 TiB were given";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Code::no_space);
    EXPECT_NE(std::string(error.what()).find("64.0 TiB"), std::string::npos) << error.what();
    EXPECT_NE(error.parts().cause.find("available"), std::string::npos) << error.what();
  }
}

TEST(Arena, refuses_to_be_empty) { EXPECT_THROW(Arena({.size_bytes = 0}), Error); }

}  // namespace
}  // namespace headrace::memory
