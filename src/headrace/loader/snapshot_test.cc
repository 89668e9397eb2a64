// What happened between two moments adds up.
#include "headrace/loader/snapshot.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "headrace/loader/fixture.h"

namespace headrace::loader {
namespace {

TEST(Snapshot, evidence_counts_what_the_consumer_took) {
  const StampedDataset dataset(320, 320);
  const pipeline::Plan plan = stamp_plan(16);
  Loader loader(plan, dataset, small(2));
  (void)loader.next();
  const Snapshot before = Snapshot::take(loader);
  for (int i = 0; i < 10; ++i) (void)loader.next();
  const Snapshot after = Snapshot::take(loader);
  const observe::Evidence evidence =
      evidence_between(before, after, {.workers = 2, .batch_size = 16}, loader);
  EXPECT_EQ(evidence.steps, 10u);
  EXPECT_EQ(evidence.samples, 160u);
  EXPECT_GT(evidence.window_s, 0);
  EXPECT_LE(evidence.wait_s, evidence.window_s);
  EXPECT_EQ(evidence.reads.depth, 8u);
  for (const observe::StageRecord& stage : evidence.stages) {
    EXPECT_LE(stage.busy_s, evidence.window_s * stage.threads * 1.5) << stage.name;
    EXPECT_LE(stage.output_fill, 1) << stage.name;
  }
}

// Half of the files lie on a disk whose reads take 5 ms, the others' 1 ms.
bool lies_on_slow_disk(const io::File& file) { return file.path().back() >= '4'; }
class TellingRing final : public io::Ring {
 public:
  explicit TellingRing(std::unique_ptr<io::Ring> inner) : inner_(std::move(inner)) {}
  size_t submit(std::span<const io::Read> reads) override {
    for (const io::Read& read : reads) {
      latency_ns_[read.tag] = lies_on_slow_disk(*read.file) ? 5'000'000 : 1'000'000;
    }
    return inner_->submit(reads);
  }
  size_t submit(std::span<const io::Write>) override { return 0; }
  size_t submit(std::span<const io::Sync>) override { return 0; }
  size_t wait(std::span<io::Done> done, size_t least, uint64_t deadline_ns) override {
    const size_t count = inner_->wait(done, least, deadline_ns);
    for (io::Done& one : done.first(count)) one.latency_ns = latency_ns_[one.tag];
    return count;
  }
  void cancel(uint64_t tag) override { inner_->cancel(tag); }
  size_t in_flight() const override { return inner_->in_flight(); }
  io::RingInfo info() const override { return inner_->info(); }

 private:
  std::unique_ptr<io::Ring> inner_;
  std::map<uint64_t, uint64_t> latency_ns_;
};

TEST(Snapshot, each_disk_has_its_own_reads_bytes_and_latency) {
  const StampedDataset dataset(320, 40);
  const pipeline::Plan plan = stamp_plan(16);
  Options options = small(2);
  options.disk_count = 2;
  options.disk_of = [](const io::File& file) { return uint64_t{1} + lies_on_slow_disk(file); };
  options.disk_name = [](const io::File& file) {
    return std::string(lies_on_slow_disk(file) ? "slow" : "fast");
  };
  options.make_ring = [](const io::RingOptions& ring) {
    return std::make_unique<TellingRing>(io::make_ring(ring));
  };
  Loader loader(plan, dataset, options);
  const Snapshot before{.at_ns = steady_now_ns()};
  while (loader.next()) continue;
  const observe::Evidence evidence =
      evidence_between(before, Snapshot::take(loader), {.workers = 2, .batch_size = 16}, loader);
  auto disks = evidence.reads.disks;
  ASSERT_EQ(disks.size(), 2U);
  std::ranges::sort(disks, {}, &observe::DiskRecord::name);
  EXPECT_EQ(disks[0].name, "fast");
  EXPECT_EQ(disks[1].name, "slow");
  EXPECT_EQ(disks[0].reads + disks[1].reads, evidence.reads.reads);
  EXPECT_EQ(disks[0].bytes + disks[1].bytes, evidence.reads.bytes);
  EXPECT_GT(disks[0].reads, 100U);  // neighbors come in one read, which happens by chance
  EXPECT_GT(disks[1].bytes, dataset.size_bytes() / 4);
  EXPECT_NEAR(disks[0].latency_mean_s, 0.001, 1e-9);
  EXPECT_NEAR(disks[1].latency_mean_s, 0.005, 1e-9);
  EXPECT_GT(disks[1].busy_s, 0);
}

TEST(Snapshot, of_an_empty_window_divides_by_nothing) {
  const StampedDataset dataset(32, 32);
  const pipeline::Plan plan = stamp_plan(16);
  Loader loader(plan, dataset, small(1));
  const Snapshot now = Snapshot::take(loader);
  const observe::Evidence evidence = evidence_between(now, now, {.workers = 1}, loader);
  EXPECT_EQ(evidence.samples, 0u);
  EXPECT_EQ(evidence.reads.latency_mean_s, 0);
}

}  // namespace
}  // namespace headrace::loader
