// NFS mounts good and bad, and the client's counters over a probe.
#include "headrace/doctor/check_cases.h"
#include "headrace/doctor/checks.h"

namespace headrace::doctor {
namespace {

std::string nfs_mounted(const std::string& options, const std::string& source = "10.0.0.7:/x") {
  return "proc/self/mountinfo: 1 0 0:44 / /data rw - nfs4 " + source + " rw," + options;
}

// operations, transmissions, time-outs, and milliseconds in the queue and on the way
std::string counted(const std::string& reads, const std::string& times) {
  return "proc/self/mountstats: device 10.0.0.7:/x mounted on /data with fstype nfs4 "
         "statvers=1.1\\nREAD: " +
         reads + " 0 0 " + times + " 0 0";
}

CheckCase nfs(CheckCase one) {
  one.machine = k_nfs_machine;
  return one;
}

void buffered(Situation& situation, FakeKernel&) { situation.use.direct = false; }

const std::string k_efs = "fs-1.efs.eu-west-1.amazonaws.com:/";
const std::vector<CheckCase> k_cases = {
    nfs({.id = "nfs.version", .value = "vers=4.2"}),
    nfs({.id = "nfs.version",
         .lines = nfs_mounted("vers=4.0"),
         .weight = Weight::maybe,
         .value = "vers=4.0",
         .command = "umount /data"}),
    nfs({.id = "nfs.size", .value = "rsize=1048576, wsize=1048576"}),
    nfs({.id = "nfs.size",
         .lines = nfs_mounted("rsize=65536,wsize=1048576"),
         .weight = Weight::slows,
         .value = "rsize=65536",
         .command = "umount"}),
    nfs({.id = "nfs.size",
         .lines = nfs_mounted("rsize=1048576,wsize=65536"),
         .weight = Weight::told,
         .value = "wsize=65536"}),
    nfs({.id = "nfs.connections", .value = "8 TCP connections"}),
    nfs({.id = "nfs.connections", .lines = nfs_mounted("proto=rdma"), .value = "RDMA"}),
    nfs({.id = "nfs.connections", .lines = nfs_mounted("proto=tcp", k_efs), .value = "EFS"}),
    nfs({.id = "nfs.connections",
         .lines = nfs_mounted("proto=tcp"),
         .weight = Weight::maybe,
         .value = "1 TCP connection"}),
    nfs({.id = "nfs.connections",
         .lines = nfs_mounted("proto=tcp") + "\n" + counted("10 10 0", "0 0"),
         .during = counted("20 20 0", "900 100"),
         .weight = Weight::slows,
         .value = "a read waits 90 ms for one and 10 ms for the server"}),
    nfs({.id = "nfs.attributes", .value = "acregmax=600 s"}),
    nfs({.id = "nfs.attributes",
         .lines = nfs_mounted("noac"),
         .weight = Weight::slows,
         .value = "noac"}),
    nfs({.id = "nfs.attributes",
         .lines = nfs_mounted("lookupcache=none"),
         .weight = Weight::slows,
         .value = "lookupcache=none"}),
    nfs({.id = "nfs.attributes",
         .lines = nfs_mounted("acregmax=3"),
         .weight = Weight::maybe,
         .value = "acregmax=3 s"}),
    nfs({.id = "nfs.transport", .value = "hard, tcp"}),
    nfs({.id = "nfs.transport",
         .lines = nfs_mounted("soft,proto=tcp"),
         .weight = Weight::risk,
         .value = "soft"}),
    nfs({.id = "nfs.transport",
         .lines = nfs_mounted("hard,proto=udp"),
         .weight = Weight::risk,
         .value = "udp"}),
    nfs({.id = "nfs.retransmissions",
         .lines = counted("10 12 1", "0 0"),
         .during = counted("20 22 1", "5 100"),
         .value = "0 of 10 reads sent again, 0 time-outs"}),
    nfs({.id = "nfs.retransmissions",
         .lines = counted("10 10 0", "0 0"),
         .during = counted("20 23 1", "5 100"),
         .weight = Weight::slows,
         .value = "3 of 10 reads sent again, 1 time-outs"}),
    nfs({.id = "nfs.readahead", .set = buffered, .value = "15360 KiB"}),
    nfs({.id = "nfs.readahead",
         .lines = "sys/class/bdi/0:44/read_ahead_kb: 128",
         .set = buffered,
         .weight = Weight::slows,
         .value = "128 KiB",
         .command = "echo 15360 > /sys/class/bdi/0:44/read_ahead_kb"}),
    nfs({.id = "nfs.efs", .lines = nfs_mounted("noresvport", k_efs), .value = "noresvport"}),
    nfs({.id = "nfs.efs",
         .lines = nfs_mounted("hard", k_efs),
         .weight = Weight::risk,
         .value = "resvport"}),
};

TEST(NfsChecks, judge_good_and_bad_mounts) { expect_cases(nfs_checks(), k_cases); }

TEST(NfsChecks, print_a_mount_line_that_can_be_pasted_whatever_the_names_are) {
  const Judgment judgment =
      judged(*check_named(nfs_checks(), "nfs.version"),
             nfs({.lines = "proc/self/mountinfo: 1 0 0:44 / /my\\040data rw - nfs4 "
                           "10.0.0.7:/a;reboot rw,vers=4.0",
                  .data = "/my data/set"}));
  ASSERT_EQ(judgment.commands.size(), 2u);
  EXPECT_EQ(judgment.commands[0], "umount '/my data'");
  EXPECT_TRUE(judgment.commands[1].ends_with("nconnect=8 '10.0.0.7:/a;reboot' '/my data'"));
}

TEST(NfsChecks, do_not_advise_more_connections_to_efs) {
  const Judgment judgment =
      judged(*check_named(nfs_checks(), "nfs.size"),
             nfs({.lines = nfs_mounted("rsize=4096", "fs-1.efs.eu-west-1.amazonaws.com:/")}));
  ASSERT_EQ(judgment.commands.size(), 2u);
  EXPECT_EQ(judgment.commands[1].find("nconnect"), std::string::npos);
  EXPECT_NE(judgment.commands[1].find("noresvport"), std::string::npos);
}

TEST(NfsChecks, apply_to_nfs_alone) {
  for (const Check& check : nfs_checks()) {
    EXPECT_FALSE(applies(nfs_checks(), {.id = std::string(check.id)})) << check.id;
  }
  EXPECT_FALSE(applies(nfs_checks(), nfs({.id = "nfs.readahead"})));  // direct reads
  EXPECT_FALSE(applies(nfs_checks(), nfs({.id = "nfs.efs"})));
}

}  // namespace
}  // namespace headrace::doctor
