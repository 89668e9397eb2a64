// Whole examinations of fixture machines; what the probe reads is a real file beside them.
#include "headrace/doctor/examine.h"

#include <gtest/gtest.h>

#include "headrace/base/error.h"
#include "headrace/doctor/fixture_tree.h"
#include "headrace/doctor/sample_machines.h"

namespace headrace::doctor {
namespace {

const std::string k_narrow = "sys/devices/pci0/0000:01:00.0/current_link_width: 2\n";

struct Patient {
  explicit Patient(const std::string& lines) : tree(lines) {
    std::ofstream(folder / "a") << std::string(100'000, 'x');
    options.probing = {.caching = io::Caching::direct,
                       .block_bytes = 4096,
                       .depth = 4,
                       .duration_ns = 20'000'000,
                       .clock = &clock};
    options.only = {"probe", "pcie", "blk.scheduler", "nfs"};
  }
  Examination examined() {
    const Host host = tree.host();
    return examine(host,
                   {.path = trace(host, "/data/set"),
                    .sample = find_sample_files(real_files(), folder.path())},
                   options);
  }
  FixtureTree tree;
  TempFolder folder;  // on a disk: tmpfs has no direct reads
  SteadyClock clock;
  ExamineOptions options;
};

const Finding* finding(const Examination& examination, std::string_view id) {
  const auto found = std::ranges::find(examination.findings, id, &Finding::id);
  return found == examination.findings.end() ? nullptr : &*found;
}

TEST(Examine, fails_a_knob_only_when_the_probe_stays_below_the_expectation) {
  Patient patient(k_nvme_machine + k_narrow);
  patient.options.expected_bytes_per_s = 1e15;
  const Examination below = patient.examined();
  if (!below.situation.probe->direct) GTEST_SKIP() << "no direct reads in the temporary folder";
  EXPECT_EQ(below.standing, Standing::below);
  EXPECT_EQ(finding(below, "pcie.link")->level, Level::fail);
  EXPECT_EQ(finding(below, "probe")->level, Level::fail);
  EXPECT_EQ(below.level(), Level::fail);
  EXPECT_EQ(below.findings.front().level, Level::fail);
  patient.options.expected_bytes_per_s = 1;
  const Examination met = patient.examined();
  EXPECT_EQ(met.standing, Standing::met);
  EXPECT_EQ(finding(met, "pcie.link")->level, Level::note);
  EXPECT_EQ(met.level(), Level::note);
}

TEST(Examine, warns_at_most_without_a_probe) {
  Patient patient(k_nvme_machine + k_narrow);
  patient.options.probe = false;
  const Examination examination = patient.examined();
  EXPECT_FALSE(examination.situation.probe);
  EXPECT_EQ(finding(examination, "pcie.link")->level, Level::warn);
  EXPECT_EQ(finding(examination, "pcie.link")->value, "nvme0n1 x2 at 16.0 GT/s PCIe");
  EXPECT_EQ(finding(examination, "probe"), nullptr);
  EXPECT_EQ(examination.level(), Level::warn);
}

TEST(Examine, names_what_is_not_about_the_path) {
  Patient patient(k_nvme_machine);
  patient.options.probe = false;
  const Examination examination = patient.examined();
  EXPECT_EQ(finding(examination, "nfs.version"), nullptr);
  EXPECT_EQ(std::ranges::count(examination.absent, "nfs.version"), 1);
  EXPECT_EQ(examination.level(), Level::ok);
}

TEST(Examine, puts_all_disks_of_a_check_on_one_line_and_the_worst_of_them_alone) {
  Patient patient(R"(
    proc/self/mountinfo: 1 0 9:0 / /data rw - xfs /dev/md0 rw
    sys/dev/block/9:0/uevent: DEVNAME=md0
    sys/class/block/md0/slaves/sda/
    sys/class/block/md0/slaves/sdb/
    sys/class/block/sda/dev: 8:0
    sys/class/block/sda/queue/scheduler: [none]
    sys/class/block/sdb/dev: 8:16
    sys/class/block/sdb/queue/scheduler: none [bfq]
  )");
  patient.options.probe = false;
  patient.options.only = {"blk.scheduler"};
  const Examination one = patient.examined();
  EXPECT_EQ(finding(one, "blk.scheduler")->value, "sdb bfq");
  patient.tree.add("sys/class/block/sda/queue/scheduler: none [mq-deadline]");
  const Examination both = patient.examined();
  EXPECT_EQ(finding(both, "blk.scheduler")->value, "sda mq-deadline; sdb bfq");
  EXPECT_EQ(finding(both, "blk.scheduler")->commands.size(), 2u);
}

TEST(Examine, refuses_a_check_that_there_is_not_and_names_the_nearest) {
  Patient patient(k_nvme_machine);
  patient.options.only = {"pcie.lnik"};
  try {
    patient.examined();
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.parts().hint, "did you mean pcie.link?");
  }
}

TEST(Examine, chooses_by_whole_names_and_groups) {
  EXPECT_TRUE(chooses("blk", "blk.depth"));
  EXPECT_TRUE(chooses("blk.depth", "blk.depth"));
  EXPECT_TRUE(chooses("uring", "uring"));
  EXPECT_FALSE(chooses("bl", "blk.depth"));
  EXPECT_FALSE(chooses("blk.depth.x", "blk.depth"));
  EXPECT_FALSE(chooses("", "blk.depth"));
}

}  // namespace
}  // namespace headrace::doctor
