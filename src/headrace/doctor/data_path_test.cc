// Ways of bytes: local, stacked, remote, in memory, and lost.
#include "headrace/doctor/data_path.h"

#include <gtest/gtest.h>

#include "headrace/doctor/fixture_tree.h"
#include "headrace/doctor/sample_machines.h"

namespace headrace::doctor {
namespace {

using Names = std::vector<std::string>;

DataPath traced(const std::string& lines, const std::string& data) {
  FixtureTree tree(lines);
  return trace(tree.host(), data);
}

TEST(DataPath, follows_a_local_file_system_to_its_disk) {
  const DataPath path = traced(k_nvme_machine, "/data/set/a.tar");
  EXPECT_EQ(path.steps, (Names{"xfs on /data", "nvme0n1 (NVMe)"}));
  EXPECT_TRUE(path.is_on("xfs"));
  EXPECT_FALSE(path.over_network());
  EXPECT_EQ(path.lost, "");
}

TEST(DataPath, follows_nfs_to_its_server_and_the_interface_towards_it) {
  const DataPath path = traced(k_nfs_machine, "/data/set");
  EXPECT_EQ(path.steps, (Names{"nfs4 on /data", "server 10.0.0.7 by eth0"}));
  EXPECT_EQ(path.interface, "eth0");
  EXPECT_TRUE(path.is_on("nfs"));
  EXPECT_TRUE(path.over_network());
}

TEST(DataPath, finds_the_server_in_each_kind_of_source) {
  const auto server = [](const std::string& mount) {
    return traced("proc/self/mountinfo: 1 0 0:44 / /data rw - " + mount + " rw", "/data").server;
  };
  EXPECT_EQ(server("nfs srv:/x"), "srv");
  EXPECT_EQ(server("nfs [fe80::1]:/x"), "fe80::1");
  EXPECT_EQ(server("lustre 10.0.0.7@tcp:/fs"), "10.0.0.7");
  EXPECT_EQ(server("ceph 10.0.0.8,10.0.0.9:/"), "10.0.0.8");
  EXPECT_EQ(server("cifs //win/share"), "win");
}

TEST(DataPath, looks_through_an_overlay_to_the_layer_that_has_the_file) {
  const std::string table =
      "proc/self/mountinfo: 1 0 0:50 / / rw - overlay overlay "
      "rw,lowerdir=/data/l1:/data/l2,upperdir=/data/up\\n"
      "2 1 259:0 / /data rw - xfs /dev/nvme0n1 rw\n";
  const DataPath path = traced(k_nvme_machine + table + "data/l2/set/", "/set");
  EXPECT_EQ(path.steps, (Names{"overlay on /", "xfs on /data", "nvme0n1 (NVMe)"}));
  EXPECT_EQ(path.mounts.front().file_system, "overlay");
  EXPECT_TRUE(path.is_on("xfs"));
  EXPECT_NE(traced(k_nvme_machine + table, "/set").lost.find("overlay"), std::string::npos);
}

TEST(DataPath, follows_a_loop_device_into_the_file_behind_it) {
  const DataPath path = traced(k_nvme_machine + R"(
    proc/self/mountinfo: 1 0 7:0 / /mnt rw - ext4 /dev/loop0 rw\n\
    2 1 259:0 / /data rw - xfs /dev/nvme0n1 rw
    sys/dev/block/7:0/uevent: DEVNAME=loop0
    sys/class/block/loop0/loop/backing_file: /data/image
  )",
                               "/mnt/set");
  EXPECT_EQ(path.steps, (Names{"ext4 on /mnt", "loop0 (loop)", "xfs on /data", "nvme0n1 (NVMe)"}));
}

TEST(DataPath, ends_where_file_systems_lie_on_each_other_in_a_circle) {
  const DataPath path = traced(R"(
    proc/self/mountinfo: 1 0 7:0 / /mnt rw - ext4 /dev/loop0 rw
    sys/dev/block/7:0/uevent: DEVNAME=loop0
    sys/class/block/loop0/loop/backing_file: /mnt/image
  )",
                               "/mnt/set");
  EXPECT_EQ(path.mounts.size(), 8u);
  EXPECT_EQ(path.lost, "more than 8 file systems on top of each other");
}

TEST(DataPath, finds_every_disk_of_a_btrfs) {
  const DataPath path = traced(R"(
    proc/self/mountinfo: 1 0 0:33 / /data rw - btrfs /dev/sda rw
    sys/fs/btrfs/features/x: 1
    sys/fs/btrfs/abc/devices/sda/
    sys/fs/btrfs/abc/devices/sdb/
    sys/class/block/sda/dev: 8:0
    sys/class/block/sdb/dev: 8:16
  )",
                               "/data");
  ASSERT_EQ(path.disks.size(), 2u);
  EXPECT_EQ(path.disks[1].name, "sdb");
}

TEST(DataPath, says_why_it_is_lost) {
  const auto lost = [](const std::string& file_system) {
    return traced("proc/self/mountinfo: 1 0 0:44 / /data rw - " + file_system + " rw", "/data")
        .lost;
  };
  EXPECT_NE(lost("fuse.juicefs jfs").find("FUSE"), std::string::npos);
  EXPECT_NE(lost("virtiofs tag").find("hypervisor"), std::string::npos);
  EXPECT_NE(lost("zfs pool/x").find("ZFS"), std::string::npos);
  EXPECT_EQ(lost("tmpfs tmpfs"), "");
  EXPECT_EQ(traced("", "/data").lost, "no mount holds /data");
  EXPECT_EQ(traced("proc/self/mountinfo: 1 0 8:0 / / rw - ext4 /dev/sda rw", "/x").lost,
            "sysfs does not show the block device");
}

TEST(DataPath, takes_a_store_for_what_it_is) {
  const DataPath path = traced(k_nvme_machine, "s3://bucket/set");
  EXPECT_TRUE(path.is_store());
  EXPECT_TRUE(path.over_network());
  EXPECT_FALSE(path.has_mount());
}

TEST(DataPath, takes_the_most_specific_route) {
  const std::string_view routes =
      "Iface Destination Gateway Flags RefCnt Use Metric Mask MTU Window IRTT\n"
      "eth1 00000000 0100000A 0003 0 0 0 00000000 0 0 0\n"
      "eth0 0000000A 00000000 0001 0 0 0 00FFFFFF 0 0 0\n"
      "broken 0000000A\nnohex ZZ 0 0 0 0 0 ZZ 0 0 0\n";
  EXPECT_EQ(interface_towards(routes, "10.0.0.7"), "eth0");
  EXPECT_EQ(interface_towards(routes, "192.168.1.1"), "eth1");
  EXPECT_EQ(interface_towards(routes, "127.0.0.1"), "lo");
  EXPECT_EQ(interface_towards(routes, "server"), "");
  EXPECT_EQ(interface_towards("", "10.0.0.7"), "");
}

}  // namespace
}  // namespace headrace::doctor
