// Groups of both versions, and tables that are none.
#include "headrace/observe/control_group.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "headrace/base/temp_folder.h"

namespace headrace::observe {
namespace {

std::vector<std::string> folders_of(const std::string& groups, std::string_view controller) {
  const TempFolder root;
  std::filesystem::create_directories(root / "proc/self");
  std::ofstream(root / "proc/self/cgroup") << groups;
  auto folders = group_folders(root.path(), controller);
  for (std::string& folder : folders) folder.erase(0, root.path().size());
  return folders;
}

using Folders = std::vector<std::string>;

TEST(ControlGroup, climbs_from_its_own_version_2_group_to_the_top) {
  EXPECT_EQ(folders_of("0::/pod/box\n", "io"),
            (Folders{"/sys/fs/cgroup/pod/box", "/sys/fs/cgroup/pod", "/sys/fs/cgroup"}));
  EXPECT_EQ(folders_of("0::/\n", "io"), (Folders{"/sys/fs/cgroup"}));
}

TEST(ControlGroup, takes_a_version_1_hierarchy_by_the_whole_name_of_its_controller) {
  const std::string groups = "8:pids:/x\n4:cpu,cpuacct:/box\n7:blkio:/\n";
  EXPECT_EQ(folders_of(groups, "cpu"), (Folders{"/sys/fs/cgroup/cpu/box", "/sys/fs/cgroup/cpu"}));
  EXPECT_EQ(folders_of(groups, "blkio"), (Folders{"/sys/fs/cgroup/blkio"}));
  EXPECT_EQ(folders_of(groups, "acct"), Folders{});
}

TEST(ControlGroup, leaves_out_lines_that_are_none_and_bounds_the_depth) {
  EXPECT_EQ(folders_of("nonsense\n:\n5:cpu\n", "cpu"), Folders{});
  std::string deep = "0::";
  for (int i = 0; i < 100; ++i) deep += "/x";
  EXPECT_EQ(folders_of(deep + "\n", "cpu").size(), 32u);
}

}  // namespace
}  // namespace headrace::observe
