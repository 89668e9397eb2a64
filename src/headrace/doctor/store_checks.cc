// An object store: does its endpoint answer, and do both clocks agree well enough for signatures?
#include "headrace/base/sizes.h"
#include "headrace/doctor/checks.h"

namespace headrace::doctor {
namespace {

constexpr uint64_t k_far_ns = 50'000'000;
constexpr int64_t k_skew_s = 15 * 60;  // S3 refuses signatures that are older or newer
constexpr int64_t k_drift_s = 60;

Subjects store(const Host&, const Situation& situation) {
  return situation.path.is_store() ? Subjects{""} : Subjects{};
}

Reading read_endpoint(const Host& host, const Situation&, const std::string&) {
  const auto answer = host.kernel().ask_store();
  if (!answer) return {.text = answer.error()};
  Reading reading{.text = answer->status == 0
                              ? "answers (TLS is not spoken by this check)"
                              : fmt::format("answers with status {}", answer->status),
                  .number = answer->connect_ns};
  return reading;
}

Judgment judge_endpoint(const Evidence& evidence) {
  if (!evidence.before.number) {
    return {.weight = Weight::risk, .value = evidence.before.text};
  }
  Judgment judgment{.value = evidence.before.text + ", connected in " +
                             format_duration(*evidence.before.number)};
  if (*evidence.before.number <= k_far_ns) return judgment;
  judgment.weight = Weight::maybe;
  judgment.why = "a far store answers each request late: only more of them at a time help";
  judgment.fix = "an endpoint in the same region, or a copy on a nearer store";
  return judgment;
}

// How far its clock is from ours, in seconds, as text: the sign matters.
Reading read_clock(const Host& host, const Situation&, const std::string&) {
  const auto answer = host.kernel().ask_store();
  if (!answer || !answer->date_s) return {};
  return {.text = std::to_string(*answer->date_s - host.kernel().now_s()), .number = 1};
}

Judgment judge_clock(const Evidence& evidence) {
  if (!evidence.before.number) return {.value = "not told: TLS is not spoken by this check"};
  const int64_t skew_s = std::strtoll(evidence.before.text.c_str(), nullptr, 10);
  const int64_t size_s = skew_s < 0 ? -skew_s : skew_s;
  Judgment judgment{.value = fmt::format("{} s {}", size_s, skew_s < 0 ? "ahead" : "behind"),
                    .commands = {"chronyc makestep"}};
  if (size_s >= k_skew_s) judgment.weight = Weight::risk;
  if (size_s >= k_drift_s && size_s < k_skew_s) judgment.weight = Weight::told;
  return judgment;
}

constexpr Check k_store_checks[] = {
    {.id = "s3.endpoint",
     .reads = "AWS_ENDPOINT_URL_S3, AWS_ENDPOINT_URL, AWS_REGION; a connection, and HEAD / where "
              "it is plain HTTP",
     .want = "an answer, within 50 ms",
     .why = "nothing can be read without it",
     .fix = "look at the endpoint's name, the route to it and the proxy settings",
     .subjects = store,
     .read = read_endpoint,
     .judge = judge_endpoint},
    {.id = "s3.clock",
     .reads = "the Date header of that answer",
     .want = "less than 15 minutes apart",
     .why = "signatures of requests are refused (RequestTimeTooSkewed)",
     .fix = "start chrony or systemd-timesyncd; chronyc makestep sets the clock at once",
     .subjects = store,
     .read = read_clock,
     .judge = judge_clock},
};

}  // namespace

std::span<const Check> store_checks() { return k_store_checks; }

}  // namespace headrace::doctor
