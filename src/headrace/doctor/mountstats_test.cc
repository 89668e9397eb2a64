// The NFS client's counters, and texts without them.
#include "headrace/doctor/mountstats.h"

#include <gtest/gtest.h>

#include <string>

namespace headrace::doctor {
namespace {

const std::string k_text =
    "device proc mounted on /proc with fstype proc\n"
    "device 10.0.0.7:/a mounted on /a with fstype nfs4 statvers=1.1\n"
    "\tper-op statistics\n\t        READ: 1 1 0 9 9 1 2 3 0\n"
    "device 10.0.0.7:/x mounted on /data with fstype nfs statvers=1.1\n"
    "\topts:\trw,vers=3\n"
    "\tper-op statistics\n"
    "\t        NULL: 0 0 0 0 0 0 0 0\n"
    "\t        READ: 100 103 2 20000 104857600 900 450 1400 0\n";

TEST(Mountstats, finds_the_reads_of_the_mount_on_a_folder) {
  const auto reads = nfs_reads_of(k_text, "/data");
  ASSERT_TRUE(reads);
  EXPECT_EQ(reads->operations, 100u);
  EXPECT_EQ(reads->transmissions, 103u);
  EXPECT_EQ(reads->timeouts, 2u);
  EXPECT_EQ(reads->queue_ms, 900u);
  EXPECT_EQ(reads->round_trip_ms, 450u);
  EXPECT_EQ(nfs_reads_of(k_text, "/a")->operations, 1u);
}

TEST(Mountstats, has_nothing_for_other_mounts_and_broken_texts) {
  EXPECT_FALSE(nfs_reads_of(k_text, "/proc"));
  EXPECT_FALSE(nfs_reads_of(k_text, "/dat"));
  EXPECT_FALSE(nfs_reads_of("", "/data"));
  EXPECT_FALSE(nfs_reads_of("READ: 1 2 3 4 5 6 7 8 9", "/data"));
  EXPECT_FALSE(nfs_reads_of("device a mounted on /data with fstype nfs\nREAD: 1 2", "/data"));
}

}  // namespace
}  // namespace headrace::doctor
