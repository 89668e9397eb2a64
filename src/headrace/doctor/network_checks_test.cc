// Interfaces good and bad.
#include "headrace/doctor/check_cases.h"
#include "headrace/doctor/checks.h"

namespace headrace::doctor {
namespace {

CheckCase remote(CheckCase one) {
  one.machine = k_nfs_machine;
  return one;
}

TEST(NetworkChecks, judge_good_and_bad_interfaces) {
  const std::string eth0 = "sys/class/net/eth0/";
  expect_cases(
      network_checks(),
      {
          remote({.id = "net.mtu", .value = "9000 bytes"}),
          remote({.id = "net.mtu",
                  .lines = eth0 + "mtu: 1500\n" + eth0 + "speed: 10000",
                  .value = "1500 bytes"}),
          remote({.id = "net.mtu",
                  .lines = eth0 + "mtu: 1500",
                  .weight = Weight::maybe,
                  .value = "1500 bytes",
                  .command = "ip link set eth0 mtu 9000"}),
          remote({.id = "net.buffers", .value = "33554432 bytes"}),
          remote({.id = "net.buffers",
                  .lines = "proc/sys/net/ipv4/tcp_rmem: 4096\\t131072\\t6291456",
                  .weight = Weight::maybe,
                  .value = "6291456 bytes",
                  .command = "sysctl -w net.ipv4.tcp_rmem"}),
          remote({.id = "net.errors",
                  .lines = eth0 + "statistics/rx_dropped: 5",
                  .during = eth0 + "statistics/rx_dropped: 5",
                  .value = "0 packets"}),
          remote({.id = "net.errors",
                  .lines = eth0 + "statistics/rx_dropped: 5",
                  .during = eth0 + "statistics/rx_dropped: 9\n" + eth0 + "statistics/rx_errors: 2",
                  .weight = Weight::maybe,
                  .value = "6 packets lost"}),
      });
}

TEST(NetworkChecks, do_not_apply_to_local_data) {
  for (const char* id : {"net.mtu", "net.buffers", "net.errors"}) {
    EXPECT_FALSE(applies(network_checks(), {.id = id})) << id;
  }
}

}  // namespace
}  // namespace headrace::doctor
