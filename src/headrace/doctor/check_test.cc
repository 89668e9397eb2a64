// What the tables of checks share.
#include "headrace/doctor/check.h"

#include <gtest/gtest.h>

#include "headrace/doctor/fixture_tree.h"

namespace headrace::doctor {
namespace {

TEST(Check, finds_the_disks_on_the_path) {
  FixtureTree tree("");
  Situation situation;
  situation.path.disks = {{.name = "sda"}, {.name = "sdb", .number = "8:16"}};
  EXPECT_EQ(disks_on_path(tree.host(), situation), (Subjects{"sda", "sdb"}));
  EXPECT_EQ(whole_machine(tree.host(), situation), Subjects{""});
  EXPECT_EQ(disk_of(situation, "sdb")->number, "8:16");
  EXPECT_EQ(disk_of(situation, "sdc"), nullptr);
}

TEST(Check, writes_a_value_by_a_command_that_a_shell_takes_apart_as_meant) {
  EXPECT_EQ(write_command("none", "/sys/block/sda/queue/scheduler"),
            "echo none > /sys/block/sda/queue/scheduler");
  EXPECT_EQ(write_command("a b", "/x'y"), "echo 'a b' > '/x'\\''y'");
}

}  // namespace
}  // namespace headrace::doctor
