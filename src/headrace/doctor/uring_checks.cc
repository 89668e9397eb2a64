// Whether io_uring works here: tried, not read from a version number.
#include "headrace/doctor/checks.h"

namespace headrace::doctor {
namespace {

Reading read_uring(const Host& host, const Situation&, const std::string&) {
  const auto tried = host.kernel().try_uring();
  return {.text = tried ? *tried : tried.error(),
          .number = host.number("/proc/sys/kernel/io_uring_disabled"),
          .other = tried ? std::optional<uint64_t>(1) : std::nullopt};
}

Judgment judge_uring(const Evidence& evidence) {
  const std::string& text = evidence.loaded.text;
  if (evidence.loaded.other) {
    return {.value = text.empty() ? "works" : "works, without: " + text};
  }
  Judgment judgment{.weight = Weight::maybe, .value = text};
  const uint64_t disabled = evidence.loaded.number.value_or(0);
  if (disabled > 0) {
    judgment.value = fmt::format("sysctl kernel.io_uring_disabled={}; {}", disabled, text);
    judgment.commands = {"sysctl -w kernel.io_uring_disabled=0"};
  } else {
    judgment.fix =
        "allow io_uring_setup, io_uring_enter and io_uring_register in the container's "
        "seccomp profile";
  }
  return judgment;
}

constexpr Check k_uring_checks[] = {
    {.id = "uring",
     .reads = "a ring that is set up and used, /proc/sys/kernel/io_uring_disabled",
     .want = "a ring that works",
     .why = "reads go through a pool of threads instead, which costs more CPU a read",
     .fix = "sysctl kernel.io_uring_disabled=0",
     .subjects = whole_machine,
     .read = read_uring,
     .judge = judge_uring},
};

}  // namespace

std::span<const Check> uring_checks() { return k_uring_checks; }

}  // namespace headrace::doctor
