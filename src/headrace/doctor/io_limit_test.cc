// Limits of both versions, and texts that set none.
#include "headrace/doctor/io_limit.h"

#include <gtest/gtest.h>

#include "headrace/doctor/fixture_tree.h"

namespace headrace::doctor {
namespace {

TEST(IoLimit, takes_the_least_of_its_own_group_and_those_above) {
  FixtureTree tree(R"(
    proc/self/cgroup: 7:blkio:/box\n0::/pod/box
    sys/fs/cgroup/pod/io.max: 8:0 rbps=5 wbps=max riops=max wiops=max\n259:0 rbps=3000 wbps=1
    sys/fs/cgroup/pod/box/io.max: 259:0 rbps=max wbps=max riops=10 wiops=max
    sys/fs/cgroup/blkio/blkio.throttle.read_bps_device: 259:0 2000
  )");
  EXPECT_EQ(read_limit(tree.host(), "259:0"), 2000u);
  EXPECT_EQ(read_limit(tree.host(), "8:0"), 5u);
  EXPECT_EQ(read_limit(tree.host(), "8:1"), std::nullopt);
}

TEST(IoLimit, is_none_in_texts_that_set_none) {
  EXPECT_EQ(limit_in_io_max("", "8:0"), std::nullopt);
  EXPECT_EQ(limit_in_io_max("8:0 rbps=max", "8:0"), std::nullopt);
  EXPECT_EQ(limit_in_io_max("8:0 rbps=12x", "8:0"), std::nullopt);
  EXPECT_EQ(limit_in_io_max("8:01 rbps=12", "8:0"), std::nullopt);
  EXPECT_EQ(limit_in_throttle("8:0", "8:0"), std::nullopt);
  EXPECT_EQ(limit_in_throttle("8:0 7 8", "8:0"), std::nullopt);
}

}  // namespace
}  // namespace headrace::doctor
