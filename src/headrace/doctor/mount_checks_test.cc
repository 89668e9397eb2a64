// File systems and their options, good and bad.
#include "headrace/doctor/check_cases.h"
#include "headrace/doctor/checks.h"

namespace headrace::doctor {
namespace {

std::string mounted(const std::string& options, const std::string& file_system) {
  return "proc/self/mountinfo: 1 0 259:0 / /data " + options + " - " + file_system + " rw";
}

std::function<void(Situation&, FakeKernel&)> probed(bool direct) {
  return [direct](Situation& situation, FakeKernel&) {
    situation.probe = Probe{.direct = direct, .why_buffered = "no direct I/O here"};
  };
}

std::function<void(Situation&, FakeKernel&)> free_space(const Space& space) {
  return [space](Situation&, FakeKernel& kernel) { kernel.space_answer = space; };
}

TEST(MountChecks, judge_good_and_bad_mounts) {
  const std::string ext4 = mounted("rw", "ext4 /dev/nvme0n1");
  expect_cases(
      mount_checks(),
      {
          {.id = "fs.type", .value = "xfs"},
          {.id = "fs.type",
           .lines = "proc/self/mountinfo: 1 0 0:50 / /data rw - fuse.juicefs juice rw",
           .weight = Weight::told,
           .value = "fuse.juicefs"},
          {.id = "fs.type",
           .lines =
               "proc/self/mountinfo: 1 0 0:50 / / rw - overlay overlay "
               "rw,lowerdir=/l,upperdir=/u\\n2 1 259:0 / /u rw - xfs /dev/nvme0n1 rw\nu/data/set/",
           .weight = Weight::told,
           .value = "overlay above xfs"},
          {.id = "fs.direct", .set = probed(true), .value = "possible"},
          {.id = "fs.direct",
           .set = probed(false),
           .weight = Weight::maybe,
           .value = "refused: no direct I/O here"},
          {.id = "fs.options", .value = "relatime"},
          {.id = "fs.options",
           .lines = mounted("rw,noatime", "xfs /dev/nvme0n1"),
           .value = "noatime"},
          {.id = "fs.options",
           .lines = mounted("rw,strictatime", "xfs /dev/nvme0n1"),
           .weight = Weight::slows,
           .value = "strictatime",
           .command = "mount -o remount,relatime /data"},
          {.id = "fs.options",
           .lines = mounted("rw,sync", "xfs /dev/nvme0n1"),
           .weight = Weight::maybe,
           .value = "sync",
           .command = "remount,async"},
          {.id = "fs.options",
           .lines = "proc/self/mountinfo: 1 0 259:0 / /data rw - ext4 /dev/nvme0n1 rw,data=journal",
           .weight = Weight::slows,
           .value = "data=journal"},
          {.id = "fs.space", .value = "500 B free"},
          {.id = "fs.space",
           .set = free_space({.size_bytes = 1000, .free_bytes = 9}),
           .weight = Weight::told,
           .value = "9 B free"},
          {.id = "fs.space",
           .set = free_space({.size_bytes = 1000, .free_bytes = 900, .inode_count = 5}),
           .weight = Weight::told,
           .value = "no inode free"},
          {.id = "fs.errors",
           .lines = ext4 + "\nsys/fs/ext4/nvme0n1/errors_count: 0",
           .value = "none counted"},
          {.id = "fs.errors",
           .lines = ext4 + "\nsys/fs/ext4/nvme0n1/errors_count: 3",
           .weight = Weight::risk,
           .value = "3 errors"},
      });
}

TEST(MountChecks, take_direct_reads_as_idle_where_they_are_not_used) {
  const Check& check = *check_named(mount_checks(), "fs.direct");
  const auto idle = [&](CheckCase one) { return judged(check, one).value; };
  EXPECT_EQ(idle({.set = [](Situation& s, FakeKernel&) { s.use.direct = false; }}),
            "idle: reads go through the page cache");
  EXPECT_EQ(idle({.lines = mounted("rw", "tmpfs tmpfs"), .set = probed(false)}),
            "idle: the data lies in memory");
  EXPECT_EQ(idle({}), "not judged without a probe");
}

TEST(MountChecks, do_not_apply_where_there_is_nothing_to_look_at) {
  EXPECT_FALSE(applies(mount_checks(), {.id = "fs.errors"}));  // XFS
  EXPECT_FALSE(applies(mount_checks(), {.id = "fs.options", .machine = k_nfs_machine}));
  EXPECT_FALSE(applies(mount_checks(), {.id = "fs.type", .data = "s3://bucket/set"}));
}

}  // namespace
}  // namespace headrace::doctor
