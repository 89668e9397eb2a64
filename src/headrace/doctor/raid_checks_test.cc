// Arrays whole and broken.
#include "headrace/doctor/check_cases.h"
#include "headrace/doctor/checks.h"

namespace headrace::doctor {
namespace {

const std::string k_array = R"(
proc/self/mountinfo: 1 0 9:0 / /data rw - xfs /dev/md0 rw
sys/dev/block/9:0 -> ../../class/block/md0
sys/class/block/md0/uevent: DEVNAME=md0
sys/class/block/md0/slaves/nvme0n1/
sys/class/block/md0/md/level: raid0
sys/class/block/md0/md/chunk_size: 262144
sys/class/block/md0/md/degraded: 0
sys/class/block/md0/md/sync_action: idle
)";

CheckCase raid(CheckCase one) {
  one.machine = k_nvme_machine + k_array;
  return one;
}

TEST(RaidChecks, judge_good_and_bad_arrays) {
  const std::string md = "sys/class/block/md0/md/";
  expect_cases(raid_checks(), {
                                  raid({.id = "raid.state", .value = "whole"}),
                                  raid({.id = "raid.state",
                                        .lines = md + "degraded: 1",
                                        .weight = Weight::risk,
                                        .value = "1 members missing",
                                        .command = "mdadm --detail /dev/md0"}),
                                  raid({.id = "raid.state",
                                        .lines = md + "sync_action: resync",
                                        .weight = Weight::maybe,
                                        .value = "resync"}),
                                  raid({.id = "raid.layout", .value = "raid0, chunks of 256 KiB"}),
                                  raid({.id = "raid.layout",
                                        .lines = md + "chunk_size: 4096",
                                        .weight = Weight::maybe,
                                        .value = "4.00 KiB"}),
                                  raid({.id = "raid.layout",
                                        .lines = md + "level: linear\n" + md + "chunk_size: 0",
                                        .weight = Weight::maybe,
                                        .value = "linear"}),
                              });
}

TEST(RaidChecks, apply_to_arrays_alone) {
  EXPECT_FALSE(applies(raid_checks(), {.id = "raid.state"}));
}

}  // namespace
}  // namespace headrace::doctor
