// It measures something, and leaves nothing.
#include "headrace/pack/store_rate.h"

#include <gtest/gtest.h>

#include "headrace/base/error.h"
#include "headrace/base/temp_folder.h"

namespace headrace::pack {
namespace {

TEST(StoreRate, reads_what_it_wrote_and_leaves_nothing_behind) {
  const TempFolder folder;
  const std::string text =
      "some bytes of the user's own, again and again; " + std::string(5000, 'x');
  const StoreRate rate = store_rate(real_files(), folder.path(), bytes_of(text), 50'000);
  EXPECT_GT(rate.bytes_per_second, 1e6);
  EXPECT_LT(rate.bytes_per_second, 1e12);
  EXPECT_EQ(rate.random_read_bytes, 12U * 4096);
  EXPECT_GT(rate.random_reads_per_second, 10);
  EXPECT_GT(rate.further_bytes_per_second, 1e6);
  EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
}

TEST(StoreRate, a_folder_that_is_not_there_is_named) {
  EXPECT_THROW(store_rate(real_files(), "/nowhere/at/all", bytes_of("x"), 1), Error);
}

}  // namespace
}  // namespace headrace::pack
