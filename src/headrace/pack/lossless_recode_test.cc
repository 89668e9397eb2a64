// What the recoder refuses is left as it is, with its reason.
#include "headrace/pack/lossless_recode.h"

#include <gtest/gtest.h>

#include "headrace/pack/picture_tree.h"

namespace headrace::pack {
namespace {

TEST(LosslessRecode, a_broken_jpeg_is_left_as_it_is) {
  const std::string broken = fake_jpeg(1);
  const auto recoded = lossless_recode()(bytes_of(broken));
  ASSERT_FALSE(recoded);
  EXPECT_EQ(recoded.error(), "broken");
}

}  // namespace
}  // namespace headrace::pack
