// Limits and pages, good and bad.
#include "headrace/doctor/check_cases.h"
#include "headrace/doctor/checks.h"

namespace headrace::doctor {
namespace {

std::function<void(Situation&, FakeKernel&)> shared_memory(uint64_t size_bytes) {
  return [=](Situation&, FakeKernel& kernel) {
    kernel.space_answer = Space{.size_bytes = size_bytes};
  };
}

TEST(MemoryChecks, judge_good_and_bad_limits) {
  const std::string eight = "proc/self/limits: Max locked memory   8388608    8388608    bytes";
  const std::string page = "sys/kernel/mm/transparent_hugepage/enabled: ";
  const std::string swap =
      "proc/swaps: Filename Type Size Used Priority\\n/dev/sda2 partition 1 0 -2";
  expect_cases(
      memory_checks(),
      {
          {.id = "mem.lock", .value = "unlimited"},
          {.id = "mem.lock",
           .lines = eight,
           .set =
               [](Situation& situation, FakeKernel&) {
                 situation.probe = Probe{};
                 situation.probe->ring.registered = true;
               },
           .value = "the whole buffer registers"},
          {.id = "mem.lock",
           .lines = eight + "\nproc/self/status: CapEff:\\t0000000000004000",
           .value = "CAP_IPC_LOCK"},
          {.id = "mem.lock",
           .lines = eight + "\nproc/self/status: CapEff:\\t0000000000000000",
           .weight = Weight::maybe,
           .value = "8.00 MiB"},
          {.id = "mem.files", .value = "65536 files"},
          {.id = "mem.files",
           .lines = "proc/self/limits: Max open files   256    4096    files",
           .set = [](Situation& situation, FakeKernel&) { situation.sample.file_count = 5000; },
           .weight = Weight::maybe,
           .value = "256 files",
           .command = "ulimit -n 3072"},
          {.id = "mem.huge", .lines = page + "always [madvise] never", .value = "madvise"},
          {.id = "mem.huge",
           .lines = page + "always madvise [never]\nproc/sys/vm/nr_hugepages: 64",
           .value = "64 huge pages reserved"},
          {.id = "mem.huge",
           .lines = page + "always madvise [never]",
           .weight = Weight::maybe,
           .value = "never",
           .command = "echo madvise"},
          {.id = "mem.swap", .lines = "proc/swaps: Filename Type Size Used", .value = "none"},
          {.id = "mem.swap", .lines = swap + "\nproc/sys/vm/swappiness: 10", .value = "1 areas"},
          {.id = "mem.swap",
           .lines = swap + "\nproc/sys/vm/swappiness: 60",
           .weight = Weight::maybe,
           .value = "swappiness 60",
           .command = "sysctl -w vm.swappiness=10"},
          {.id = "mem.shm", .set = shared_memory(uint64_t{2} << 30), .value = "2.00 GiB"},
          {.id = "mem.shm",
           .set = shared_memory(uint64_t{64} << 20),
           .weight = Weight::told,
           .value = "64.0 MiB"},
      });
}

}  // namespace
}  // namespace headrace::doctor
