// Partitions, layers and nodes, from trees as sysfs has them.
#include "headrace/storage/block_device.h"

#include <gtest/gtest.h>
#include <sys/sysmacros.h>

#include <filesystem>
#include <fstream>

#include "headrace/base/temp_folder.h"

namespace headrace::storage {
namespace {

namespace fs = std::filesystem;

class BlockDeviceTest : public testing::Test {
 protected:
  // A disk 259:0 with the partition 259:1 behind a PCI device of node 1; a mapped device on that.
  BlockDeviceTest() {
    const std::string disk = "sys/devices/pci0/0000:81:00.0/nvme/nvme0n1";
    write("sys/devices/pci0/0000:81:00.0/numa_node", "1\n");
    write(disk + "/dev", "259:0\n");
    write(disk + "/nvme0n1p1/partition", "1\n");
    write("sys/devices/virtual/block/dm-0/dev", "252:0\n");
    write("sys/devices/system/node/online", "0-1\n");
    link(disk, "sys/dev/block/259:0");
    link(disk + "/nvme0n1p1", "sys/dev/block/259:1");
    link("sys/devices/virtual/block/dm-0", "sys/dev/block/252:0");
    link(disk + "/nvme0n1p1", "sys/devices/virtual/block/dm-0/slaves/nvme0n1p1");
  }
  void write(const std::string& path, const std::string& text) {
    fs::create_directories(fs::path(root_ / path).parent_path());
    std::ofstream(root_ / path) << text;
  }
  void link(const std::string& target, const std::string& path) {
    fs::create_directories(fs::path(root_ / path).parent_path());
    fs::create_directory_symlink(root_ / target, root_ / path);
  }
  static uint64_t number(unsigned major, unsigned minor) { return gnu_dev_makedev(major, minor); }
  TempFolder root_;
};

TEST_F(BlockDeviceTest, partitions_of_one_disk_are_that_disk) {
  EXPECT_EQ(whole_disk(number(259, 1), root_.path()), number(259, 0));
  EXPECT_EQ(whole_disk(number(259, 0), root_.path()), number(259, 0));
  EXPECT_EQ(whole_disk(number(0, 44), root_.path()), number(0, 44));
}

TEST_F(BlockDeviceTest, the_node_is_that_of_what_holds_the_disk_below_all_layers) {
  EXPECT_EQ(numa_node_of(number(259, 1), root_.path()), 1U);
  EXPECT_EQ(numa_node_of(number(252, 0), root_.path()), 1U);
  EXPECT_EQ(numa_node_of(number(7, 0), root_.path()), std::nullopt);
}

TEST_F(BlockDeviceTest, one_node_or_none_that_is_known_is_no_node) {
  write("sys/devices/pci0/0000:81:00.0/numa_node", "-1\n");
  EXPECT_EQ(numa_node_of(number(259, 0), root_.path()), std::nullopt);
  write("sys/devices/pci0/0000:81:00.0/numa_node", "0\n");
  EXPECT_EQ(numa_node_of(number(259, 0), root_.path()), 0U);
  write("sys/devices/system/node/online", "0\n");
  EXPECT_EQ(numa_node_of(number(259, 0), root_.path()), std::nullopt);
}

TEST_F(BlockDeviceTest, a_disk_is_called_by_its_name_and_the_mount_that_holds_the_path) {
  write("proc/self/mountinfo",
        "29 1 259:1 / / rw - ext4 /dev/root rw\n"
        "40 29 259:1 /x /data rw - ext4 /dev/nvme0n1p1 rw\n"
        "41 29 0:50 / /net rw - nfs4 10.0.0.7:/export rw\n");
  EXPECT_EQ(name_of_disk(number(259, 0), "/data/a.tar", root_.path()), "/dev/nvme0n1 (/data)");
  EXPECT_EQ(name_of_disk(number(0, 50), "/net/a.tar", root_.path()), "10.0.0.7:/export (/net)");
  EXPECT_EQ(name_of_disk(number(8, 16), "/a.tar", root_.path()), "/dev/root (/)");
}

TEST_F(BlockDeviceTest, a_disk_that_nothing_describes_is_called_by_its_number) {
  EXPECT_EQ(name_of_disk(number(8, 16), "/data/a.tar", root_.path()), "device 8:16");
}

TEST(BlockDevice, a_file_and_its_path_lie_on_one_disk) {
  TempFolder folder;
  std::ofstream(folder / "a") << "x";
  const auto file = io::File::open(real_files(), folder / "a", io::Caching::page);
  EXPECT_NE(disk_of_file(*file), 0U);
  EXPECT_EQ(disk_of_file(*file), disk_of_path(folder / "a"));
  EXPECT_EQ(disk_of_path(folder / "gone"), 0U);
}

}  // namespace
}  // namespace headrace::storage
