// Lustre clients good and bad.
#include "headrace/doctor/check_cases.h"
#include "headrace/doctor/checks.h"

namespace headrace::doctor {
namespace {

const std::string k_lustre = R"(
proc/self/mountinfo: 1 0 0:50 / /data rw - lustre 10.0.0.7@tcp:/fs rw
sys/fs/lustre/osc/a/max_pages_per_rpc: 4096
sys/fs/lustre/osc/a/max_rpcs_in_flight: 32
sys/fs/lustre/osc/a/checksums: 0
)";

std::function<void(Situation&, FakeKernel&)> largest_file(uint64_t size_bytes, char stripe_count) {
  return [=](Situation& situation, FakeKernel& kernel) {
    situation.sample.files = {{"/data/a file.tar", size_bytes}};
    std::string layout = "\xD0\x0B\xD1\x0B" + std::string(20, '\0');
    layout += std::string("\0\0\x10\0", 4) + stripe_count + std::string(3, '\0');
    kernel.attributes["lustre.lov"] = layout;
  };
}

CheckCase lustre(CheckCase one) {
  one.machine = k_lustre;
  if (!one.set) one.set = largest_file(1, 1);
  return one;
}

TEST(LustreChecks, judge_good_and_bad_clients) {
  const std::string osc = "sys/fs/lustre/osc/";
  expect_cases(
      lustre_checks(),
      {
          lustre({.id = "lustre.stripes",
                  .set = largest_file(uint64_t{2} << 30, 4),
                  .value = "4 stripes of 1.00 MiB for a file of 2.00 GiB"}),
          lustre({.id = "lustre.stripes", .set = largest_file(1 << 20, 1), .value = "1 stripes"}),
          lustre({.id = "lustre.stripes",
                  .set = largest_file(uint64_t{2} << 30, 1),
                  .weight = Weight::maybe,
                  .value = "1 stripes",
                  .command = "lfs setstripe -c -1 -S 16M /data/set"}),
          lustre({.id = "lustre.requests", .value = "4096 pages a request, 32 requests"}),
          lustre({.id = "lustre.requests",
                  .lines = osc + "b/max_pages_per_rpc: 1024\n" + osc + "b/max_rpcs_in_flight: 8",
                  .weight = Weight::slows,
                  .value = "1024 pages a request, 8 requests",
                  .command = "lctl set_param osc.*.max_pages_per_rpc=4096"}),
          lustre({.id = "lustre.checksums", .value = "off"}),
          lustre({.id = "lustre.checksums",
                  .lines = osc + "a/checksums: 1",
                  .weight = Weight::maybe,
                  .value = "on"}),
      });
}

TEST(LustreChecks, tell_nothing_of_a_layout_that_they_do_not_know) {
  CheckCase one = lustre({});
  one.set = [](Situation& situation, FakeKernel&) { situation.sample.files = {{"/data/a", 1}}; };
  EXPECT_EQ(judged(*check_named(lustre_checks(), "lustre.stripes"), one).value, "not told");
  EXPECT_FALSE(applies(lustre_checks(), {.id = "lustre.requests"}));
}

}  // namespace
}  // namespace headrace::doctor
