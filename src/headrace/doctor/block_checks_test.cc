// Queues as they should be and as they should not.
#include "headrace/doctor/check_cases.h"
#include "headrace/doctor/checks.h"

namespace headrace::doctor {
namespace {

const std::string k_disk = "sys/class/block/nvme0n1/";
const std::string k_spinning = R"(
proc/self/mountinfo: 1 0 8:0 / / rw - ext4 /dev/sda rw
sys/dev/block/8:0 -> ../../class/block/sda
sys/class/block/sda/uevent: DEVNAME=sda
sys/class/block/sda/dev: 8:0
sys/class/block/sda/device/vendor: ATA
sys/class/block/sda/queue/rotational: 1
)";

void buffered(Situation& situation, FakeKernel&) { situation.use.direct = false; }

TEST(BlockChecks, judge_good_and_bad_queues) {
  const std::string quiet = "proc/stat: cpu 0\\ncpu0 0 0 0 100 0 0 0 0\\ncpu1 0 0 0 100 0 0 0 0";
  expect_cases(
      block_checks(),
      {
          {.id = "blk.media", .value = "NVMe"},
          {.id = "blk.media", .machine = k_spinning, .weight = Weight::told, .value = "spinning"},
          {.id = "blk.scheduler", .value = "none"},
          {.id = "blk.scheduler",
           .lines = k_disk + "queue/scheduler: none [mq-deadline] kyber",
           .weight = Weight::maybe,
           .value = "mq-deadline",
           .command = "echo none > /sys/class/block/nvme0n1/queue/scheduler"},
          {.id = "blk.readahead", .set = buffered, .value = "4096 KiB"},
          {.id = "blk.readahead",
           .lines = k_disk + "queue/read_ahead_kb: 128",
           .set = buffered,
           .weight = Weight::slows,
           .value = "128 KiB",
           .command = "read_ahead_kb"},
          {.id = "blk.max_io", .value = "1280 KiB of 2048 KiB"},
          {.id = "blk.max_io",
           .lines = k_disk + "queue/max_sectors_kb: 128",
           .weight = Weight::maybe,
           .value = "128 KiB of 2048 KiB",
           .command = "echo 2048"},
          {.id = "blk.max_io",
           .lines =
               k_disk + "queue/max_sectors_kb: 512\n" + k_disk + "queue/max_hw_sectors_kb: 512",
           .value = "512 KiB of 512 KiB"},
          {.id = "blk.depth", .value = "1023 requests"},
          {.id = "blk.depth",
           .lines = k_disk + "queue/nr_requests: 32",
           .weight = Weight::maybe,
           .value = "32 requests",
           .command = "echo 256"},
          {.id = "blk.irq",
           .lines = quiet,
           .during = "proc/stat: cpu 0\\ncpu0 9 0 0 191 0 0 0 0\\ncpu1 0 0 0 190 0 5 5 0",
           .value = "cpu1 spent 10 % in interrupts"},
          {.id = "blk.irq",
           .lines = quiet,
           .during = "proc/stat: cpu 0\\ncpu0 9 0 0 191 0 0 0 0\\ncpu1 0 0 0 120 0 5 75 0",
           .weight = Weight::maybe,
           .value = "cpu1 spent 80 % in interrupts",
           .command = "rq_affinity"},
          {.id = "blk.others",
           .lines = "proc/self/io: read_bytes: 0",
           .during = "proc/self/io: read_bytes: 1048576\n" + k_disk + "stat: 0 0 2100 0 0 0 0 0",
           .value = "others read 3 %"},
          {.id = "blk.others",
           .lines = "proc/self/io: read_bytes: 0",
           .during = "proc/self/io: read_bytes: 1048576\n" + k_disk + "stat: 0 0 6144 0 0 0 0 0",
           .weight = Weight::maybe,
           .value = "others read 200 %"},
      });
}

TEST(BlockChecks, leave_knobs_alone_that_are_not_on_the_path) {
  EXPECT_FALSE(applies(block_checks(), {.id = "blk.readahead"}));  // direct reads
  EXPECT_FALSE(applies(block_checks(), {.id = "blk.scheduler", .machine = k_spinning}));
  EXPECT_FALSE(applies(block_checks(), {.id = "blk.irq", .machine = k_nfs_machine}));
}

TEST(BlockChecks, tell_nothing_of_growth_without_a_probe) {
  for (const char* id : {"blk.irq", "blk.others"}) {
    const Judgment judgment = judged(*check_named(block_checks(), id), {});
    EXPECT_EQ(judgment.value, "not judged without a probe");
  }
}

}  // namespace
}  // namespace headrace::doctor
