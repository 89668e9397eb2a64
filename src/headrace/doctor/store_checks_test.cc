// Stores that answer, are far, are away, and have another idea of the time.
#include "headrace/doctor/check_cases.h"
#include "headrace/doctor/checks.h"

namespace headrace::doctor {
namespace {

CheckCase store(CheckCase one, std::expected<StoreAnswer, std::string> answer) {
  one.data = "s3://bucket/set";
  one.set = [answer](Situation&, FakeKernel& kernel) { kernel.store_answer = answer; };
  return one;
}

TEST(StoreChecks, judge_good_and_bad_stores) {
  const int64_t now_s = FakeKernel().now;
  const auto dated = [&](int64_t ahead_s) {
    return StoreAnswer{.connect_ns = 400'000, .status = 403, .date_s = now_s + ahead_s};
  };
  expect_cases(
      store_checks(),
      {
          store({.id = "s3.endpoint", .value = "status 403, connected in 400 us"}, dated(0)),
          store({.id = "s3.endpoint", .value = "TLS is not spoken"},
                StoreAnswer{.connect_ns = 400'000}),
          store({.id = "s3.endpoint", .weight = Weight::maybe, .value = "connected in 90.0 ms"},
                StoreAnswer{.connect_ns = 90'000'000}),
          store({.id = "s3.endpoint", .weight = Weight::risk, .value = "no answer in time"},
                std::unexpected("no answer in time")),
          store({.id = "s3.clock", .value = "2 s behind"}, dated(2)),
          store({.id = "s3.clock", .value = "not told"}, StoreAnswer{.connect_ns = 1}),
          store({.id = "s3.clock", .weight = Weight::told, .value = "100 s ahead"}, dated(-100)),
          store({.id = "s3.clock",
                 .weight = Weight::risk,
                 .value = "901 s behind",
                 .command = "chronyc makestep"},
                dated(901)),
      });
}

TEST(StoreChecks, ask_no_store_for_local_data) {
  EXPECT_FALSE(applies(store_checks(), {.id = "s3.endpoint"}));
  EXPECT_FALSE(applies(store_checks(), {.id = "s3.clock"}));
}

}  // namespace
}  // namespace headrace::doctor
