// Mount tables good and broken.
#include "headrace/observe/mountinfo.h"

#include <gtest/gtest.h>

namespace headrace::observe {
namespace {

const std::string k_table =
    "1 0 8:1 / / rw shared:1 - ext4 /dev/sda1 rw\n"
    "2 1 8:2 / /data rw - xfs /dev/nvme0n1 rw\n"
    "3 1 8:3 / /data rw master:2 shared:3 - ext4 /dev/nvme1n1 rw\n"
    "4 1 0:9 / /with\\040space rw - tmpfs tmpfs rw\n"
    "5 1 0:44 / /nfs ro,noatime - nfs4 10.0.0.7:/x rw,vers=4.2,rsize=1048576,nocto\n"
    "broken line -\n";

std::string folder_of(const std::string& path) {
  const auto mounts = parse_mountinfo(k_table);
  const Mount* mount = mount_holding(mounts, path);
  return mount == nullptr ? "" : mount->folder + " " + mount->source;
}

TEST(Mountinfo, finds_the_deepest_and_latest_mount_that_holds_a_path) {
  EXPECT_EQ(folder_of("/data/set"), "/data /dev/nvme1n1");
  EXPECT_EQ(folder_of("/data"), "/data /dev/nvme1n1");
  EXPECT_EQ(folder_of("/database"), "/ /dev/sda1");
  EXPECT_EQ(folder_of("/with space/a"), "/with space tmpfs");
  EXPECT_EQ(folder_of("relative"), "");
}

TEST(Mountinfo, keeps_device_options_and_file_system) {
  const auto mounts = parse_mountinfo(k_table);
  ASSERT_EQ(mounts.size(), 5u);
  EXPECT_EQ(mounts[4].device_number, "0:44");
  EXPECT_EQ(mounts[4].options, "ro,noatime");
  EXPECT_EQ(mounts[4].file_system, "nfs4");
  EXPECT_EQ(mounts[4].super_options, "rw,vers=4.2,rsize=1048576,nocto");
}

TEST(Mountinfo, leaves_out_what_is_no_mount) {
  EXPECT_TRUE(parse_mountinfo("").empty());
  EXPECT_TRUE(parse_mountinfo("- - - - - - -\n1 2 - 4 5 6 7 8\n\n\n").empty());
  EXPECT_EQ(parse_mountinfo("1 0 8:1 / / rw - ext4 /dev/sda1").size(), 1u);
  std::string many;
  for (size_t i = 0; i < k_mount_limit + 10; ++i) many += "1 0 8:1 / / rw - ext4 /dev/sda1 rw\n";
  EXPECT_EQ(parse_mountinfo(many).size(), k_mount_limit);
}

TEST(Mountinfo, takes_an_option_by_its_whole_name) {
  const std::string_view options = "rw,vers=4.2,rsize=1048576,nocto,addr=";
  EXPECT_EQ(option_value(options, "rsize"), "1048576");
  EXPECT_EQ(option_value(options, "size"), "");
  EXPECT_EQ(option_value(options, "addr"), "");
  EXPECT_TRUE(has_option(options, "nocto"));
  EXPECT_TRUE(has_option(options, "addr"));
  EXPECT_FALSE(has_option(options, "cto"));
  EXPECT_FALSE(has_option("", "rw"));
}

}  // namespace
}  // namespace headrace::observe
