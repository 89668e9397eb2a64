// Layers of block devices as the kernel shows them, and trees that no kernel would show.
#include "headrace/doctor/disk_stack.h"

#include <gtest/gtest.h>

#include "headrace/doctor/fixture_tree.h"
#include "headrace/doctor/sample_machines.h"

namespace headrace::doctor {
namespace {

std::vector<std::string> disks_of(FixtureTree& tree, const std::string& number) {
  std::vector<std::string> names;
  for (const Disk& disk : disks_below(tree.host(), number).disks) names.push_back(disk.name);
  return names;
}
using Names = std::vector<std::string>;

TEST(DiskStack, climbs_from_a_partition_to_its_disk_and_that_disks_pci_function) {
  FixtureTree tree(k_nvme_machine + R"(
    sys/devices/pci0/0000:01:00.0/nvme/nvme0/nvme0n1/nvme0n1p2/uevent: DEVNAME=nvme0n1p2
    sys/devices/pci0/0000:01:00.0/nvme/nvme0/nvme0n1/nvme0n1p2/partition: 2
    sys/class/block/nvme0n1p2 -> ../../devices/pci0/0000:01:00.0/nvme/nvme0/nvme0n1/nvme0n1p2
    sys/dev/block/259:2 -> ../../devices/pci0/0000:01:00.0/nvme/nvme0/nvme0n1/nvme0n1p2
  )");
  const DiskStack stack = disks_below(tree.host(), "259:2");
  ASSERT_EQ(stack.disks.size(), 1u);
  EXPECT_EQ(stack.disks[0].name, "nvme0n1");
  EXPECT_EQ(stack.disks[0].number, "259:0");
  EXPECT_EQ(stack.disks[0].media, Media::nvme);
  EXPECT_EQ(tree.host().text(stack.disks[0].pci_folder + "/current_link_width"), "4");
  EXPECT_EQ(stack.layers, (Names{"nvme0n1p2 (partition)", "nvme0n1 (NVMe)"}));
}

TEST(DiskStack, goes_through_device_mapper_and_arrays_to_every_disk_once) {
  FixtureTree tree(R"(
    sys/dev/block/253:0/uevent: DEVNAME=dm-0
    sys/class/block/dm-0/dm/uuid: LVM-abc
    sys/class/block/dm-0/dm/name: vg-data
    sys/class/block/dm-0/slaves/md0/
    sys/class/block/md0/md/level: raid0
    sys/class/block/md0/slaves/sda/
    sys/class/block/md0/slaves/sdb/
    sys/class/block/md0/slaves/sdc/
    sys/class/block/sda/dev: 8:0
    sys/class/block/sda/queue/rotational: 0
    sys/class/block/sdb/dev: 8:16
    sys/class/block/sdb/queue/rotational: 1
    sys/class/block/sdc/dev: 8:32
    sys/class/block/sdc/device/vendor: QEMU
  )");
  const DiskStack stack = disks_below(tree.host(), "253:0");
  EXPECT_EQ(stack.arrays, Names{"md0"});
  EXPECT_EQ(stack.layers, (Names{"dm-0 (LVM vg-data)", "md0 (raid0 of 3)", "sda (solid state)",
                                 "sdb (spinning disk)", "sdc (virtual disk)"}));
}

TEST(DiskStack, takes_one_of_several_ways_to_the_same_disk) {
  FixtureTree tree(R"(
    sys/dev/block/253:1/uevent: DEVNAME=dm-1
    sys/class/block/dm-1/dm/uuid: mpath-36
    sys/class/block/dm-1/slaves/sda/
    sys/class/block/dm-1/slaves/sdb/
    sys/class/block/sda/dev: 8:0
    sys/class/block/sdb/dev: 8:16
  )");
  EXPECT_EQ(disks_of(tree, "253:1"), Names{"sda"});
}

TEST(DiskStack, tells_the_file_behind_a_loop_device) {
  FixtureTree tree(
      "sys/dev/block/7:0/uevent: DEVNAME=loop0\n"
      "sys/class/block/loop0/loop/backing_file: /images/a b.img");
  EXPECT_EQ(disks_below(tree.host(), "7:0").backing_file, "/images/a b.img");
}

TEST(DiskStack, tells_media_by_name_and_model) {
  const auto media = [](const std::string& lines, const std::string& name) {
    FixtureTree tree(lines + "\nsys/class/block/" + name + "/dev: 1:1");
    const DiskStack stack = disks_below_name(tree.host(), name);
    return stack.disks.empty() ? Media::unknown : stack.disks[0].media;
  };
  EXPECT_EQ(media("sys/class/block/vda/queue/rotational: 1", "vda"), Media::hypervisor);
  EXPECT_EQ(media("", "zram0"), Media::memory);
  EXPECT_EQ(media("", "nbd0"), Media::network);
  EXPECT_EQ(media("", "mmcblk0"), Media::unknown);
  EXPECT_EQ(media("sys/class/block/nvme1n1/device/model: Amazon Elastic Block Store", "nvme1n1"),
            Media::hypervisor);
}

TEST(DiskStack, ends_in_circles_and_takes_no_hostile_name) {
  FixtureTree circle(R"(
    sys/dev/block/253:0/uevent: DEVNAME=dm-0
    sys/class/block/dm-0/slaves/dm-1/
    sys/class/block/dm-1/slaves/dm-0/
  )");
  const DiskStack stack = disks_below(circle.host(), "253:0");
  EXPECT_TRUE(stack.disks.empty());
  EXPECT_LE(stack.layers.size(), 8u);
  FixtureTree hostile("sys/dev/block/8:0/uevent: DEVNAME=../../etc\nsys/dev/block/8:1/uevent: x");
  EXPECT_TRUE(disks_of(hostile, "8:0").empty());
  EXPECT_TRUE(disks_of(hostile, "8:1").empty());
  EXPECT_TRUE(disks_of(hostile, "9:9").empty());
  for (const char* name : {"", ".", "-x", "a b", "a;b", "$(x)", "a/b"}) {
    EXPECT_FALSE(is_device_name(name)) << name;
  }
}

}  // namespace
}  // namespace headrace::doctor
