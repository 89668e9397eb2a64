// The choice of caching at and around its limit.
#include "headrace/storage/available.h"

#include <gtest/gtest.h>

namespace headrace::storage {
namespace {

TEST(ChooseCaching, is_the_page_cache_up_to_half_of_what_is_available) {
  EXPECT_EQ(choose_caching(0, 0), io::Caching::page);
  EXPECT_EQ(choose_caching(500, 1000), io::Caching::page);
  EXPECT_EQ(choose_caching(501, 1000), io::Caching::direct);
  EXPECT_EQ(choose_caching(~uint64_t{0}, ~uint64_t{0}), io::Caching::direct);
}

TEST(ChooseCaching, knows_this_machine) {
  EXPECT_EQ(choose_caching(1), io::Caching::page);
  EXPECT_EQ(choose_caching(uint64_t{1} << 60), io::Caching::direct);
}

}  // namespace
}  // namespace headrace::storage
