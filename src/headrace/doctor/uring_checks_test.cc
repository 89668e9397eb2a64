// io_uring granted, granted in part, and refused by each of those who refuse it.
#include "headrace/doctor/check_cases.h"
#include "headrace/doctor/checks.h"

namespace headrace::doctor {
namespace {

std::function<void(Situation&, FakeKernel&)> answers(std::expected<std::string, std::string> text) {
  return [text](Situation&, FakeKernel& kernel) { kernel.uring_answer = text; };
}

TEST(UringChecks, judge_what_setting_up_a_ring_brought) {
  const auto refused = std::unexpected(std::string("io_uring_setup: Operation not permitted"));
  expect_cases(uring_checks(), {
                                   {.id = "uring", .set = answers(""), .value = "works"},
                                   {.id = "uring",
                                    .set = answers("deferred task run (Linux 6.1)"),
                                    .value = "works, without: deferred task run"},
                                   {.id = "uring",
                                    .lines = "proc/sys/kernel/io_uring_disabled: 2",
                                    .set = answers(refused),
                                    .weight = Weight::maybe,
                                    .value = "sysctl kernel.io_uring_disabled=2",
                                    .command = "sysctl -w kernel.io_uring_disabled=0"},
                                   {.id = "uring",
                                    .lines = "proc/sys/kernel/io_uring_disabled: 0",
                                    .set = answers(refused),
                                    .weight = Weight::maybe,
                                    .value = "Operation not permitted"},
                               });
}

TEST(UringChecks, name_the_containers_filter_when_no_sysctl_refuses) {
  const Judgment judgment = judged(
      uring_checks()[0], {.set = answers(std::unexpected(std::string("Operation not permitted")))});
  EXPECT_NE(judgment.fix.find("seccomp"), std::string::npos);
  EXPECT_TRUE(judgment.commands.empty());
}

}  // namespace
}  // namespace headrace::doctor
