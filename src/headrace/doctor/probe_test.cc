// Probes of real files through real rings, and of rings that fail. The clock moves by itself.
#include "headrace/doctor/probe.h"

#include <gtest/gtest.h>

#include <fstream>

#include "headrace/base/error.h"
#include "headrace/base/temp_folder.h"
#include "headrace/io/slow_ring.h"

namespace headrace::doctor {
namespace {

// Each look at it takes a millisecond more, so that a probe ends soon without anyone sleeping. It
// is ahead of the steady clock, whose time rings take for their deadlines.
class RunningClock final : public Clock {
 public:
  uint64_t now_ns() const override { return steady_now_ns() + (ahead_ns_ += 1'000'000); }
  void sleep_until_ns(uint64_t) override {}

 private:
  mutable std::atomic<uint64_t> ahead_ns_{0};
};

struct Bench {
  Bench() {
    std::ofstream(folder / "a") << std::string(100'000, 'x');
    std::ofstream(folder / "b") << std::string(9, 'y');
  }
  TempFolder folder;  // on a disk: tmpfs has no direct reads
  RunningClock clock;
  ProbeOptions options{.caching = io::Caching::page,
                       .block_bytes = 4096,
                       .depth = 4,
                       .duration_ns = 200'000'000,
                       .clock = &clock};
  Probe run() { return run_probe(find_sample_files(real_files(), folder.path()), options); }
};

TEST(Probe, reads_until_its_time_is_up_and_tells_what_it_reached) {
  for (const char* engine : {"auto", "threads", "psync"}) {
    Bench bench;
    bench.options.engine = engine;
    int looks = 0;
    uint64_t shown_ns = 0;
    bench.options.under_load = [&] { ++looks; };
    bench.options.progress = [&](uint64_t done_ns) { shown_ns = done_ns; };
    const Probe probe = bench.run();
    EXPECT_GT(probe.read_count, 20u) << engine;
    EXPECT_GT(probe.read_bytes, probe.read_count * 9) << engine;
    EXPECT_LE(probe.read_bytes, probe.read_count * 4096) << engine;
    EXPECT_GE(probe.seconds, 0.2) << engine;
    EXPECT_EQ(looks, 1) << engine;
    EXPECT_TRUE(probe.under_load);
    EXPECT_EQ(shown_ns, 200'000'000u);
    EXPECT_EQ(probe.failure, "");
    EXPECT_FALSE(probe.direct);
    EXPECT_EQ(probe.why_buffered, "the page cache was asked for");
  }
}

TEST(Probe, reads_directly_where_the_file_system_has_it) {
  Bench bench;
  bench.options.caching = io::Caching::direct;
  const Probe probe = bench.run();
  EXPECT_GT(probe.read_count, 20u);
  EXPECT_EQ(probe.failure, "");
  EXPECT_NE(probe.direct, !probe.why_buffered.empty());
}

TEST(Probe, ends_at_the_first_read_that_fails_and_says_which) {
  Bench bench;
  bench.options.make_ring = [&](const io::RingOptions& options) -> std::unique_ptr<io::Ring> {
    return std::make_unique<io::FaultRing>(io::make_ring(options), io::Faults{.fail_nth = 3},
                                           bench.clock);
  };
  const Probe probe = bench.run();
  EXPECT_NE(probe.failure.find(bench.folder.path()), std::string::npos) << probe.failure;
  EXPECT_NE(probe.failure.find("Input/output error"), std::string::npos) << probe.failure;
  EXPECT_LT(probe.seconds, 0.2);
  EXPECT_FALSE(probe.under_load);
}

TEST(Probe, ends_when_it_is_stopped) {
  Bench bench;
  std::stop_source source;
  bench.options.stop = source.get_token();
  bench.options.progress = [&](uint64_t) { source.request_stop(); };
  const Probe probe = bench.run();
  EXPECT_TRUE(probe.stopped);
  EXPECT_LT(probe.seconds, 0.2);
}

TEST(Probe, is_refused_by_a_file_that_went_away) {
  Bench bench;
  SampleFiles gone{.files = {{bench.folder / "gone", 1}}};
  EXPECT_THROW(run_probe(gone, bench.options), Error);
}

}  // namespace
}  // namespace headrace::doctor
