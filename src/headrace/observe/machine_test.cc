// Fixtures of both control group versions and of the kernel's tables.
#include "headrace/observe/machine.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "headrace/base/temp_folder.h"

namespace headrace::observe {
namespace {

TEST(Machine, takes_the_least_quota_of_a_version_2_group_and_those_above_it) {
  const TempFolder root;
  write_text(root / "proc/self/cgroup", "0::/pod/box\n");
  write_text(root / "sys/fs/cgroup/pod/cpu.max", "50000 100000\n");
  write_text(root / "sys/fs/cgroup/pod/box/cpu.max", "max 100000\n");
  EXPECT_DOUBLE_EQ(usable_cores(root.path()), 0.5);
}

TEST(Machine, takes_the_quota_of_a_version_1_group) {
  const TempFolder root;
  write_text(root / "proc/self/cgroup", "8:pids:/\n4:cpu,cpuacct:/box\n0::/\n");
  write_text(root / "sys/fs/cgroup/cpu/box/cpu.cfs_quota_us", "25000\n");
  write_text(root / "sys/fs/cgroup/cpu/box/cpu.cfs_period_us", "100000\n");
  EXPECT_DOUBLE_EQ(usable_cores(root.path()), 0.25);
}

TEST(Machine, has_at_least_one_core_when_no_quota_is_set) {
  const TempFolder root;
  EXPECT_GE(usable_cores(root.path()), 1);
  write_text(root / "proc/self/cgroup", "nonsense\n::\n0::no-slash\n");
  EXPECT_GE(usable_cores(root.path()), 1);
}

TEST(Machine, tells_model_memory_and_file_system_from_the_kernels_files) {
  const TempFolder root;
  write_text(root / "proc/cpuinfo", "processor\t: 0\nmodel name\t: Test CPU 9000\n");
  write_text(root / "proc/meminfo", "MemTotal:  1024 kB\n");
  write_text(root / "proc/self/mountinfo", "1 0 8:1 / / rw - ext4 /dev/sda1 rw\n");
  const MachineRecord machine = read_machine("/no/such/folder", root.path());
  EXPECT_EQ(machine.cpu_model, "Test CPU 9000");
  EXPECT_EQ(machine.memory_bytes, 1024u * 1024);
  EXPECT_EQ(machine.file_system, "ext4");
  EXPECT_TRUE(machine.kernel.starts_with("Linux "));
}

TEST(Machine, tells_each_device_of_data_in_several_places_once) {
  const TempFolder root;
  write_text(root / "proc/self/mountinfo",
             "1 0 8:1 / / rw - ext4 /dev/sda1 rw\n2 1 8:2 / /a rw - xfs /dev/sdb rw\n");
  const std::vector<std::string> paths = {"/a/x", "/y", "/a/z"};
  EXPECT_EQ(read_machine(paths, root.path()).device, "/dev/sdb, /dev/sda1");
  EXPECT_EQ(read_machine(paths, root.path()).file_system, "xfs, ext4");
}

TEST(Machine, knows_this_one) {
  const MachineRecord machine = read_machine(".");
  EXPECT_GT(machine.memory_bytes, 0u);
  EXPECT_NE(machine.file_system, "");
}

}  // namespace
}  // namespace headrace::observe
