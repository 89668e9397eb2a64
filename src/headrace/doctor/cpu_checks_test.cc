// CPUs and control groups, good and bad.
#include "headrace/doctor/check_cases.h"
#include "headrace/doctor/checks.h"

namespace headrace::doctor {
namespace {

TEST(CpuChecks, judge_good_and_bad_machines) {
  const std::string governor = "sys/devices/system/cpu/cpu0/cpufreq/scaling_governor: ";
  const std::string box = "proc/self/cgroup: 0::/box\n";
  const std::string group = "sys/fs/cgroup/box/";
  expect_cases(
      cpu_checks(),
      {
          {.id = "cpu.governor", .lines = governor + "performance", .value = "performance"},
          {.id = "cpu.governor",
           .lines = governor + "powersave",
           .weight = Weight::told,
           .value = "powersave",
           .command = "cpupower"},
          {.id = "cpu.steal",
           .lines = "proc/stat: cpu  0 0 0 100 0 0 0 0 0 0",
           .during = "proc/stat: cpu  50 0 0 148 0 0 0 2 0 0",
           .value = "2.0 % stolen"},
          {.id = "cpu.steal",
           .lines = "proc/stat: cpu  0 0 0 100 0 0 0 0 0 0",
           .during = "proc/stat: cpu  50 0 0 130 0 0 0 20 0 0",
           .weight = Weight::maybe,
           .value = "20.0 % stolen"},
          {.id = "group.cpu",
           .lines = box + group + "cpu.stat: nr_periods 10\\nnr_throttled 5",
           .during = group + "cpu.stat: nr_periods 60\\nnr_throttled 5",
           .value = "held back in 0 of 50 periods"},
          {.id = "group.cpu",
           .lines = box + group + "cpu.stat: nr_periods 10\\nnr_throttled 5",
           .during = group + "cpu.stat: nr_periods 60\\nnr_throttled 45",
           .weight = Weight::slows,
           .value = "held back in 40 of 50 periods"},
          {.id = "group.io", .value = "none"},
          {.id = "group.io",
           .lines = box + group + "io.max: 259:0 rbps=20971520 wbps=max riops=max wiops=max",
           .weight = Weight::told,
           .value = "20.0 MiB/s of reads at most"},
          {.id = "group.memory",
           .lines = box + group + "memory.events: low 0\\nhigh 7\\nmax 3",
           .during = group + "memory.events: low 0\\nhigh 7\\nmax 3",
           .value = "0 times"},
          {.id = "group.memory",
           .lines = box + group + "memory.events: low 0\\nhigh 7\\nmax 3",
           .during = group + "memory.events: low 0\\nhigh 9\\nmax 4",
           .weight = Weight::maybe,
           .value = "3 times at its limit"},
      });
}

TEST(CpuChecks, tell_nothing_of_growth_without_a_probe) {
  for (const char* id : {"cpu.steal", "group.cpu", "group.memory"}) {
    const Judgment judgment = judged(*check_named(cpu_checks(), id), {});
    EXPECT_EQ(judgment.value, "not judged without a probe");
  }
}

}  // namespace
}  // namespace headrace::doctor
