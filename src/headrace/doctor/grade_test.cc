// Every weight beside every standing.
#include "headrace/doctor/grade.h"

#include <gtest/gtest.h>

namespace headrace::doctor {
namespace {

TEST(Grade, fails_nothing_unless_the_probe_stayed_below) {
  struct Row {
    Weight weight;
    Level met, unknown, below;
  };
  const Row rows[] = {
      {Weight::fine, Level::ok, Level::ok, Level::ok},
      {Weight::told, Level::note, Level::note, Level::note},
      {Weight::maybe, Level::note, Level::note, Level::warn},
      {Weight::slows, Level::note, Level::warn, Level::fail},
      {Weight::risk, Level::warn, Level::warn, Level::fail},
  };
  for (const Row& row : rows) {
    EXPECT_EQ(grade(row.weight, Standing::met), row.met);
    EXPECT_EQ(grade(row.weight, Standing::unknown), row.unknown);
    EXPECT_EQ(grade(row.weight, Standing::below), row.below);
  }
}

TEST(Grade, stands_by_the_rate_and_only_where_storage_gave_the_bytes) {
  const Expectation gigabyte{.bytes_per_s = 1e9};
  Probe probe{.seconds = 1, .read_count = 5, .read_bytes = 2'000'000'000, .direct = true};
  EXPECT_EQ(standing_of(probe, gigabyte), Standing::met);
  probe.read_bytes = 900'000'000;
  EXPECT_EQ(standing_of(probe, gigabyte), Standing::below);
  EXPECT_EQ(standing_of(probe, {}), Standing::unknown);
  EXPECT_EQ(standing_of(std::nullopt, gigabyte), Standing::unknown);
  probe.direct = false;
  probe.device_bytes = 400'000'000;
  EXPECT_EQ(standing_of(probe, gigabyte), Standing::unknown);
  probe.device_bytes = 500'000'000;
  EXPECT_EQ(standing_of(probe, gigabyte), Standing::below);
  EXPECT_EQ(standing_of(Probe{.seconds = 5, .direct = true}, gigabyte), Standing::unknown);
}

TEST(Grade, has_the_words_of_the_report) {
  EXPECT_STREQ(name_of(Level::ok), "ok");
  EXPECT_STREQ(name_of(Level::note), "note");
  EXPECT_STREQ(name_of(Level::warn), "warn");
  EXPECT_STREQ(name_of(Level::fail), "fail");
}

}  // namespace
}  // namespace headrace::doctor
