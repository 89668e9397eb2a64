// What paths should carry, and paths that nothing is known of.
#include "headrace/doctor/expectation.h"

#include <gtest/gtest.h>

#include "headrace/doctor/fixture_tree.h"
#include "headrace/doctor/sample_machines.h"

namespace headrace::doctor {
namespace {

Expectation expected(const std::string& lines, const std::string& data = "/data/set") {
  FixtureTree tree(lines);
  return expectation_of(tree.host(), trace(tree.host(), data));
}

TEST(Expectation, is_half_of_the_link_that_a_drive_is_built_for) {
  // 4 lanes of 16 GT/s: 7.88 GB/s, whatever the link runs at now.
  EXPECT_NEAR(expected(k_nvme_machine).bytes_per_s, 3.94e9, 0.01e9);
  EXPECT_NEAR(
      expected(k_nvme_machine + "sys/devices/pci0/0000:01:00.0/current_link_width: 1").bytes_per_s,
      3.94e9, 0.01e9);
}

TEST(Expectation, is_half_of_the_interface_towards_a_server) {
  const Expectation found = expected(k_nfs_machine);
  EXPECT_NEAR(found.bytes_per_s, 6.25e9, 1);
  EXPECT_EQ(found.reason, "half of eth0's 100 Gb/s");
}

TEST(Expectation, is_what_a_control_group_allows_where_that_is_less) {
  const std::string limit =
      "proc/self/cgroup: 0::/box\nsys/fs/cgroup/box/io.max: 259:0 rbps=100000000 wbps=max";
  EXPECT_NEAR(expected(k_nvme_machine + limit).bytes_per_s, 90e6, 1);
}

TEST(Expectation, adds_up_the_disks_of_an_array_by_its_level) {
  const auto array = [](const std::string& level) {
    return expected(
               "proc/self/mountinfo: 1 0 9:0 / /data rw - xfs /dev/md0 rw\n"
               "sys/dev/block/9:0/uevent: DEVNAME=md0\n"
               "sys/class/block/md0/md/level: " +
               level +
               "\n"
               "sys/class/block/md0/slaves/sda/\nsys/class/block/md0/slaves/sdb/\n"
               "sys/class/block/md0/slaves/sdc/\nsys/class/block/sda/dev: 8:0\n"
               "sys/class/block/sdb/dev: 8:16\nsys/class/block/sdc/dev: 8:32")
        .bytes_per_s;
  };
  EXPECT_NEAR(array("raid0"), 0.9e9, 1);
  EXPECT_NEAR(array("raid5"), 0.6e9, 1);
  EXPECT_NEAR(array("raid6"), 0.3e9, 1);
  EXPECT_NEAR(array("raid1"), 0.3e9, 1);
}

TEST(Expectation, is_none_where_the_machine_does_not_say_it) {
  const auto reason = [](const std::string& lines) {
    const Expectation found = expected(lines);
    EXPECT_EQ(found.bytes_per_s, 0) << found.reason;
    return found.reason;
  };
  EXPECT_EQ(reason("proc/self/mountinfo: 1 0 254:0 / / rw - ext4 /dev/vda rw\n"
                   "sys/dev/block/254:0/uevent: DEVNAME=vda\nsys/class/block/vda/dev: 254:0"),
            "nothing says what vda (virtual disk) should carry");
  EXPECT_EQ(reason("proc/self/mountinfo: 1 0 0:9 / / rw - tmpfs tmpfs rw"),
            "the data lies in memory");
  EXPECT_EQ(reason(k_nfs_machine + "sys/class/net/eth0/speed: -1"), "eth0 does not tell its speed");
  EXPECT_EQ(reason(k_nfs_machine + "proc/net/route: "),
            "the interface towards the server is not known");
  EXPECT_EQ(reason(""), "no mount holds /data/set");
}

TEST(Expectation, takes_the_encoding_off_a_lane) {
  EXPECT_NEAR(lane_bytes_per_s("2.5 GT/s PCIe"), 0.25e9, 1);
  EXPECT_NEAR(lane_bytes_per_s("5.0 GT/s PCIe"), 0.5e9, 1);
  EXPECT_NEAR(lane_bytes_per_s("32.0 GT/s PCIe"), 3.938e9, 1e6);
  for (const char* text : {"", "Unknown", "16.0", "1e99 GT/s", "-8.0 GT/s", "nan GT/s"}) {
    EXPECT_EQ(lane_bytes_per_s(text), 0) << text;
  }
}

}  // namespace
}  // namespace headrace::doctor
