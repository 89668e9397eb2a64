// Each verdict, driven by a stage that is slow on purpose: the ring, the operator, the consumer.
#include "headrace/feed/feed.h"

#include <gtest/gtest.h>

#include "headrace/loader/configure.h"
#include "headrace/loader/fixture.h"
#include "headrace/shim/stand_in.h"

namespace headrace::feed {
namespace {

// Keeps a worker busy for a while, as decoding would.
class BusyOp final : public ops::Op {
 public:
  explicit BusyOp(uint64_t busy_ns) : busy_ns_(busy_ns) {}
  ops::TensorSpec output() const override { return {.type = ops::Type::uint8, .shape = {}}; }
  std::unique_ptr<ops::Scratch> make_scratch() const override {
    return std::make_unique<ops::Scratch>();
  }
  std::expected<void, ops::Failure> run(std::span<const std::byte>, const ops::Context& context,
                                        ops::Scratch&,
                                        std::span<std::byte>) const noexcept override {
    const uint64_t begin_ns = steady_now_ns();
    while (steady_now_ns() - begin_ns < busy_ns_) {
    }
    context.times->add(observe::Stage::decode, steady_now_ns() - begin_ns, 1);
    return {};
  }

 private:
  uint64_t busy_ns_;
};

struct Slow {
  bool on_device = false;
  int copy_us = 0;
  uint64_t op_ns = 0;
  uint64_t step_ns = 0;
  io::Faults storage = {};
};

FeedResult run(const Slow& slow, uint64_t step_count) {
  const loader::StampedDataset dataset(512, 512);
  pipeline::Plan plan;
  plan.fields.push_back(
      {.name = "busy", .sources = {0}, .op = std::make_unique<BusyOp>(slow.op_ns)});
  pipeline::lay_out(plan, 16);
  loader::Options options = loader::small(2);
  options.epoch_count = 0;
  options.make_ring = loader::faulty(slow.storage);
  const Start start = Start::now();
  shim::StandInFaults& device = shim::faults_of_stand_in("cuda");
  device.reset();
  device.copy_delay_us = slow.copy_us;
  if (slow.on_device) options.device = {.device = {.library = shim::stand_in_path("cuda")}};
  const auto batches = loader::make_batches(plan, dataset, options);
  SteadyClock clock;
  return feed(*batches, {.workers = 2, .batch_size = 16},
              {.step_ns = slow.step_ns,
               .step_count = step_count,
               .expected_steps = step_count,
               .tick_ns = 100'000'000},
              start, {.clock = clock});
}

TEST(Feed, a_slow_operator_is_short_of_decode) {
#ifdef __SANITIZE_THREAD__
  GTEST_SKIP() << "ThreadSanitizer slows what the operator is compared with";
#endif
  const FeedResult result = run({.op_ns = 1'000'000}, 120);
  const observe::Verdict verdict = observe::judge(result.window);
  EXPECT_EQ(verdict.kind, observe::VerdictKind::short_of) << verdict.sentence;
  EXPECT_EQ(verdict.stage, "decode");
}

TEST(Feed, a_slow_ring_is_short_of_storage) {
  const FeedResult result = run({.storage = {.bytes_per_second = 5'000'000}}, 120);
  const observe::Verdict verdict = observe::judge(result.window);
  EXPECT_EQ(verdict.kind, observe::VerdictKind::short_of) << verdict.sentence;
  EXPECT_EQ(verdict.stage, "storage");
}

TEST(Feed, a_slow_consumer_is_fed) {
  const FeedResult result = run({.step_ns = 10'000'000}, 120);
  const observe::Verdict verdict = observe::judge(result.window);
  EXPECT_EQ(verdict.kind, observe::VerdictKind::fed) << verdict.sentence;
}

TEST(Feed, on_a_device_a_slow_link_is_named_and_the_loader_is_not) {
  const FeedResult result = run({.on_device = true, .copy_us = 10'000, .step_ns = 2'000'000}, 120);
  const observe::Verdict verdict = observe::judge(result.window);
  EXPECT_EQ(verdict.kind, observe::VerdictKind::short_of) << verdict.sentence;
  EXPECT_EQ(verdict.stage, "host-to-device link");
  EXPECT_GT(result.window.link.exposed_s, 0.7 * result.window.link.idle_s);
  const observe::LinkRecord& link = result.window.link;
  const double copy_s = link.copy_s / static_cast<double>(link.copies);
  EXPECT_GE(copy_s, 0.010) << "the machine may add to it";
  EXPECT_NEAR(verdict.supply_per_s, 16 / copy_s, 0.1 * 16 / copy_s);
}

TEST(Feed, on_a_device_a_slow_loader_is_named_and_the_link_is_not) {
#ifdef __SANITIZE_THREAD__
  GTEST_SKIP() << "ThreadSanitizer slows what the operator is compared with";
#endif
  const FeedResult result = run({.on_device = true, .copy_us = 500, .op_ns = 1'000'000}, 120);
  const observe::Verdict verdict = observe::judge(result.window);
  EXPECT_EQ(verdict.kind, observe::VerdictKind::short_of) << verdict.sentence;
  EXPECT_EQ(verdict.stage, "decode");
  EXPECT_LT(result.window.link.exposed_s, 0.3 * result.window.link.idle_s);
}

TEST(Feed, on_a_device_a_slow_consumer_is_fed_and_its_copies_are_hidden) {
  const FeedResult result = run({.on_device = true, .copy_us = 2'000, .step_ns = 20'000'000}, 80);
  const observe::Verdict verdict = observe::judge(result.window);
  EXPECT_EQ(verdict.kind, observe::VerdictKind::fed) << verdict.sentence;
  EXPECT_GT(result.window.link.hidden_share(), 0.9);
  EXPECT_GE(result.totals.compute_s, 80 * 0.02);
}

TEST(Feed, totals_and_intervals_tell_of_the_same_samples) {
  const FeedResult result = run({.step_ns = 5'000'000}, 80);
  EXPECT_EQ(result.totals.steps, 80u);
  EXPECT_EQ(result.totals.samples, 80u * 16);
  EXPECT_EQ(result.batch_latency.count, 80u);
  EXPECT_GT(result.totals.first_batch_s, 0);
  double samples = 0, last_s = 0;
  for (const observe::IntervalRecord& interval : result.intervals) {
    samples += interval.samples_per_s * (interval.t_s - last_s);
    last_s = interval.t_s;
  }
  EXPECT_NEAR(samples, 80 * 16, 1);
}

TEST(Feed, a_stop_ends_the_run_between_two_steps) {
  const loader::StampedDataset dataset(512, 512);
  const pipeline::Plan plan = loader::stamp_plan(16);
  loader::Options options = loader::small(1);
  options.epoch_count = 0;
  const Start start = Start::now();
  loader::Loader loader(plan, dataset, options);
  SteadyClock clock;
  std::stop_source stop;
  uint64_t batches = 0;
  const FeedResult result =
      feed(loader, {.workers = 1, .batch_size = 16}, {}, start,
           {.clock = clock, .stop = stop.get_token(), .on_batch = [&](const loader::Batch&) {
              if (++batches == 7) stop.request_stop();
            }});
  EXPECT_TRUE(result.interrupted);
  EXPECT_EQ(result.totals.steps, 7u);
}

}  // namespace
}  // namespace headrace::feed
