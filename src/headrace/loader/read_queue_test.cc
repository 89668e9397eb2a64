// A ring that completes nothing by itself shows what each disk may have in flight.
#include "headrace/loader/read_queue.h"

#include <gmock/gmock.h>

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
  ReadQueue queue({.depth = 4});
  HoldingRing ring;
  add(queue, 7, {0, 1, 2});
  EXPECT_TRUE(queue.has_room());
  add(queue, 7, {3});
  EXPECT_FALSE(queue.has_room());
  queue.send(ring);
  EXPECT_THAT(ring.tags, ElementsAre(0, 1, 2, 3));
}

TEST(ReadQueue, a_slow_disk_has_its_share_in_flight_and_the_other_goes_on) {
  ReadQueue queue({.depth = 4, .disk_count = 2});
  HoldingRing ring;
  add(queue, 7, {0, 1, 2, 3});
  add(queue, 8, {4, 5, 6});
  queue.send(ring);
  EXPECT_THAT(ring.tags, ElementsAre(0, 1, 4, 5));
  EXPECT_TRUE(queue.has_room());
  for (const uint64_t tag : {4, 5}) queue.note_back(tag);
  queue.send(ring);
  EXPECT_THAT(ring.tags, ElementsAre(0, 1, 4, 5, 6));
  queue.note_back(0);
  queue.send(ring);
  EXPECT_THAT(ring.tags, ElementsAre(0, 1, 4, 5, 6, 2));
  EXPECT_EQ(queue.count(), 4U);
}

TEST(ReadQueue, a_disk_that_turns_up_late_gets_its_share_as_reads_come_back) {
  ReadQueue queue({.depth = 4});
  HoldingRing ring;
  add(queue, 7, {0, 1, 2, 3});
  queue.send(ring);
  add(queue, 8, {4, 5});
  queue.send(ring);
  EXPECT_THAT(ring.tags, SizeIs(4));  // never more than the ring holds
  add(queue, 7, {6});
  for (const uint64_t tag : {0, 1}) queue.note_back(tag);
  queue.send(ring);
  EXPECT_THAT(ring.tags, ElementsAre(0, 1, 2, 3, 4, 5));
  for (const uint64_t tag : {2, 4, 5}) queue.note_back(tag);
  queue.send(ring);
  EXPECT_THAT(ring.tags, ElementsAre(0, 1, 2, 3, 4, 5, 6));
  EXPECT_EQ(queue.count(), 2U);
}

}  // namespace
}  // namespace headrace::loader
