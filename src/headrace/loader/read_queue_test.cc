// A ring that completes nothing by itself shows what each disk may have in flight.
#include "headrace/loader/read_queue.h"

#include <gmock/gmock.h>

#include <cerrno>

namespace headrace::loader {
namespace {

using testing::ElementsAre;
using testing::SizeIs;

class HoldingRing final : public io::Ring {
 public:
  size_t submit(std::span<const io::Read> reads) override {
    for (const io::Read& read : reads) tags.push_back(read.tag);
    return reads.size();
  }
  size_t submit(std::span<const io::Write>) override { return 0; }
  size_t submit(std::span<const io::Sync>) override { return 0; }
  size_t wait(std::span<io::Done>, size_t, uint64_t) override { return 0; }
  void cancel(uint64_t) override {}
  size_t in_flight() const override { return tags.size(); }
  io::RingInfo info() const override { return {}; }
  std::vector<uint64_t> tags;  // of all that came
};

void add(ReadQueue& queue, uint64_t disk, std::initializer_list<uint64_t> tags) {
  for (const uint64_t tag : tags) queue.add({.tag = tag}, disk);
}

TEST(ReadQueue, one_disk_has_the_whole_depth) {
  FeederStats stats;
  ReadQueue queue({.depth = 4}, stats);
  HoldingRing ring;
  add(queue, 7, {0, 1, 2});
  EXPECT_TRUE(queue.has_room());
  add(queue, 7, {3});
  EXPECT_FALSE(queue.has_room());
  queue.send(ring);
  EXPECT_THAT(ring.tags, ElementsAre(0, 1, 2, 3));
}

TEST(ReadQueue, a_slow_disk_has_its_share_in_flight_and_the_other_goes_on) {
  FeederStats stats;
  ReadQueue queue({.depth = 4, .disk_count = 2}, stats);
  HoldingRing ring;
  add(queue, 7, {0, 1, 2, 3});
  add(queue, 8, {4, 5, 6});
  queue.send(ring);
  EXPECT_THAT(ring.tags, ElementsAre(0, 1, 4, 5));
  EXPECT_TRUE(queue.has_room());
  for (const uint64_t tag : {4, 5}) queue.note_back({.tag = tag});
  queue.send(ring);
  EXPECT_THAT(ring.tags, ElementsAre(0, 1, 4, 5, 6));
  queue.note_back({.tag = 0});
  queue.send(ring);
  EXPECT_THAT(ring.tags, ElementsAre(0, 1, 4, 5, 6, 2));
  EXPECT_EQ(queue.count(), 4U);
}

TEST(ReadQueue, a_disk_that_turns_up_late_gets_its_share_as_reads_come_back) {
  FeederStats stats;
  ReadQueue queue({.depth = 4}, stats);
  HoldingRing ring;
  add(queue, 7, {0, 1, 2, 3});
  queue.send(ring);
  add(queue, 8, {4, 5});
  queue.send(ring);
  EXPECT_THAT(ring.tags, SizeIs(4));  // never more than the ring holds
  add(queue, 7, {6});
  for (const uint64_t tag : {0, 1}) queue.note_back({.tag = tag});
  queue.send(ring);
  EXPECT_THAT(ring.tags, ElementsAre(0, 1, 2, 3, 4, 5));
  for (const uint64_t tag : {2, 4, 5}) queue.note_back({.tag = tag});
  queue.send(ring);
  EXPECT_THAT(ring.tags, ElementsAre(0, 1, 2, 3, 4, 5, 6));
  EXPECT_EQ(queue.count(), 2U);
}

TEST(ReadQueue, counts_for_each_disk_what_came_and_how_long_it_was_asked) {
  FeederStats stats;
  ReadQueue queue({.depth = 4, .disk_count = 2}, stats);
  HoldingRing ring;
  add(queue, 7, {0, 1});
  add(queue, 8, {2});
  queue.send(ring);
  queue.note_busy(100);
  queue.note_back({.tag = 2, .result = 4096, .latency_ns = 60});
  queue.note_busy(900);
  queue.note_back({.tag = 0, .result = -EIO, .latency_ns = 1000});
  EXPECT_EQ(stats.disk_count, 2U);
  EXPECT_EQ(stats.disks[0].busy_ns, 1000U);
  EXPECT_EQ(stats.disks[0].latency_ns, 1000U);
  EXPECT_EQ(stats.disks[0].arrived_bytes, 0U);
  EXPECT_EQ(stats.disks[1].busy_ns, 100U);
  EXPECT_EQ(stats.disks[1].read_count, 1U);
  EXPECT_EQ(stats.disks[1].arrived_bytes, 4096U);
}

TEST(ReadQueue, counts_disks_beyond_those_it_can_tell_apart_as_the_last) {
  FeederStats stats;
  const uint32_t disk_count = k_disks_told_max + 3;
  ReadQueue queue({.depth = disk_count}, stats);
  HoldingRing ring;
  for (uint32_t disk = 0; disk < disk_count; ++disk) add(queue, disk, {disk});
  queue.send(ring);
  for (uint32_t disk = 0; disk < disk_count; ++disk) queue.note_back({.tag = disk, .result = 1});
  EXPECT_EQ(stats.disk_count, k_disks_told_max);
  EXPECT_EQ(stats.disks.back().read_count, 4U);
}

}  // namespace
}  // namespace headrace::loader
