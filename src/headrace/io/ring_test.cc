// The contract of rings, held by every engine on direct and on buffered files.
#include "headrace/io/ring.h"

#include <algorithm>
#include <random>

#include "headrace/base/clock.h"
#include "headrace/base/error.h"
#include "headrace/io/ring_contract.h"

namespace headrace::io {
namespace {

INSTANTIATE_TEST_SUITE_P(Engines, RingContract, k_all_rings, name_of_case);

TEST_P(RingContract, brings_the_wished_bytes_at_any_offset_and_length) {
  std::mt19937_64 random(1);
  for (int round = 0; round < 200; ++round) {
    const uint64_t length = 1 + random() % (k_slot_bytes - 8192);
    const uint64_t offset = random() % k_file_bytes;
    expect_right(read_one(read_of(offset, length, 0)), offset, length);
  }
}

TEST_P(RingContract, is_right_around_every_edge_of_a_block_and_of_the_file) {
  for (const uint64_t at : {uint64_t{512}, uint64_t{4096}, uint64_t{8192}, k_file_bytes}) {
    for (uint64_t offset = at - 3; offset <= at + 3; ++offset) {
      for (const uint64_t length : {1, 2, 3, 511, 512, 513, 4096}) {
        expect_right(read_one(read_of(offset, length, 0)), offset, length);
      }
    }
  }
}

TEST_P(RingContract, completes_each_of_many_reads_once_whatever_the_order) {
  std::mt19937_64 random(2);
  std::vector<uint64_t> offset_of(k_depth);
  std::vector<bool> busy(k_depth, false);
  std::array<Done, k_depth> done;
  constexpr uint64_t k_length = 10'000;
  constexpr size_t k_reads = 2'000;
  size_t submitted = 0;
  size_t completed = 0;
  while (completed < k_reads) {
    for (size_t index = 0; index < k_depth && submitted < k_reads; ++index) {
      if (busy[index]) continue;
      offset_of[index] = random() % k_file_bytes;
      const Read read = read_of(offset_of[index], k_length, index);
      ASSERT_EQ(ring_->submit({&read, 1}), 1u);
      busy[index] = true;
      ++submitted;
    }
    const size_t count = ring_->wait(done, 1, k_no_deadline);
    ASSERT_GE(count, 1u);
    for (const Done& one : std::span(done).first(count)) {
      ASSERT_TRUE(busy[one.tag]);
      busy[one.tag] = false;
      expect_right(one, offset_of[one.tag], k_length);
      ++completed;
    }
  }
  EXPECT_EQ(ring_->in_flight(), 0u);
  EXPECT_EQ(ring_->counts().completed, k_reads);
  EXPECT_GE(ring_->counts().read_bytes, k_reads * k_length * 9 / 10);
}

TEST_P(RingContract, takes_what_fits_and_says_how_much_when_it_is_full) {
  std::vector<Read> reads;
  for (size_t index = 0; index < k_depth; ++index) reads.push_back(read_of(0, 100, index));
  reads.push_back(read_of(0, 100, 0));
  EXPECT_EQ(ring_->submit(reads), k_depth);
  EXPECT_EQ(ring_->in_flight(), k_depth);
  EXPECT_EQ(ring_->submit({&reads.back(), 1}), 0u);
  std::array<Done, k_depth> done;
  EXPECT_EQ(ring_->wait(done, k_depth, k_no_deadline), k_depth);
  EXPECT_EQ(ring_->submit({&reads.back(), 1}), 1u);
  EXPECT_EQ(ring_->wait(done, 1, k_no_deadline), 1u);
}

TEST_P(RingContract, writes_no_more_completions_than_there_is_room_for) {
  std::vector<Read> reads;
  for (size_t index = 0; index < 8; ++index) reads.push_back(read_of(index * 1000, 100, index));
  ASSERT_EQ(ring_->submit(reads), 8u);
  std::array<Done, 3> done;
  size_t completed = 0;
  while (completed < 8) {
    const size_t count = ring_->wait(done, 3, k_no_deadline);
    ASSERT_LE(count, 3u);
    ASSERT_GE(count, 1u);
    completed += count;
  }
  EXPECT_EQ(completed, 8u);
}

TEST_P(RingContract, waits_for_all_when_more_are_wanted_than_are_in_flight) {
  const std::array reads = {read_of(0, 100, 0), read_of(5000, 100, 1)};
  ASSERT_EQ(ring_->submit(reads), 2u);
  std::array<Done, 16> done;
  EXPECT_EQ(ring_->wait(done, 16, k_no_deadline), 2u);
  EXPECT_EQ(ring_->wait(done, 1, k_no_deadline), 0u);
}

TEST_P(RingContract, completes_by_looking_alone) {
  const Read read = read_of(4000, 5000, 0);
  ASSERT_EQ(ring_->submit({&read, 1}), 1u);
  Done done;
  size_t count = 0;
  while (count == 0) count = ring_->wait({&done, 1}, 0, 0);
  expect_right(done, 4000, 5000);
  EXPECT_GT(done.latency_ns, 0u);
}

TEST_P(RingContract, returns_by_a_deadline_that_has_passed) {
  const std::array reads = {read_of(0, 100, 0), read_of(9000, 100, 1)};
  ASSERT_EQ(ring_->submit(reads), 2u);
  std::array<Done, 2> done;
  size_t count = 0;
  while (count < 2) count += ring_->wait(std::span(done).subspan(count), 2, 1);
  EXPECT_EQ(ring_->in_flight(), 0u);
}

TEST_P(RingContract, completes_a_read_of_nothing_with_zero) {
  Read read = read_of(123, 0, 7);
  read.target = {};
  EXPECT_EQ(read_one(read).result, 0);
  EXPECT_EQ(read_one(read_of(k_file_bytes + 5000, 0, 3)).result, 0);
}

TEST_P(RingContract, completes_an_offset_that_no_file_has_with_einval) {
  EXPECT_EQ(read_one(read_of(~uint64_t{0} - 10, 100, 0)).result, -EINVAL);
  EXPECT_EQ(read_one(read_of(uint64_t{1} << 62, ~uint64_t{0}, 0)).result, -EINVAL);
}

TEST_P(RingContract, reads_a_file_whose_name_has_vanished) {
  const std::string path = *folder_ / "vanishing";
  write_file(path, 50'000);
  file_ = File::open(real_files(), path, GetParam().caching);
  ASSERT_TRUE(real_files().remove(path));
  const Done done = read_one(read_of(10'001, 20'000, 0));
  EXPECT_EQ(done.result, 20'000);
  EXPECT_EQ(first_wrong(done, 10'001), 30'001u);
}

TEST_P(RingContract, brings_what_is_left_of_a_file_that_has_shrunk) {
  const std::string path = *folder_ / "shrinking";
  write_file(path, 50'000);
  file_ = File::open(real_files(), path, GetParam().caching);
  ASSERT_EQ(::truncate(path.c_str(), 20'001), 0);
  const Done done = read_one(read_of(10'001, 20'000, 0));
  EXPECT_EQ(done.result, 10'000);
  EXPECT_EQ(first_wrong(done, 10'001), 20'001u);
  EXPECT_EQ(read_one(read_of(30'000, 1000, 0)).result, 0);
}

// Page 0 of a process is never mapped, and its memory file answers EIO there.
TEST_P(RingContract, delivers_eio_as_it_is) {
  file_ = File::open(real_files(), "/proc/self/mem", GetParam().caching);
  EXPECT_EQ(read_one(read_of(0, 1000, 0)).result, -EIO);
  EXPECT_EQ(ring_->counts().failed, 1u);
}

TEST_P(RingContract, writes_to_no_target_after_it_is_destroyed) {
  std::vector<Read> reads;
  for (int round = 0; round < 20; ++round) {
    reads.clear();
    for (size_t index = 0; index < k_depth; ++index) {
      reads.push_back(read_of(index * 100'000, k_slot_bytes - 8192, index));
    }
    ASSERT_EQ(ring_->submit(reads), k_depth);
    std::array<Done, k_depth> done;
    ring_->wait(done, 0, 0);
    ring_.reset();
    std::ranges::fill(arena_.bytes(), std::byte{0x5a});
    make(k_depth);
    EXPECT_TRUE(
        std::ranges::all_of(arena_.bytes(), [](auto byte) { return byte == std::byte{0x5a}; }));
  }
}

TEST_P(RingContract, reads_into_memory_outside_its_arena) {
  const memory::Arena other({.size_bytes = k_slot_bytes});
  Read read = read_of(1234, 5678, 0);
  read.target = other.bytes();
  expect_right(read_one(read), 1234, 5678);
}

TEST(MakeRing, refuses_an_unknown_engine_and_names_those_it_knows) {
  try {
    make_ring({.engine = "quantum"});
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Code::invalid_argument);
    EXPECT_NE(error.parts().hint.find("threads"), std::string::npos);
  }
}

TEST(MakeRing, refuses_depths_out_of_bounds) {
  EXPECT_THROW(make_ring({.engine = "psync", .depth = 0}), Error);
  EXPECT_THROW(make_ring({.engine = "psync", .depth = 32769}), Error);
}

}  // namespace
}  // namespace headrace::io
