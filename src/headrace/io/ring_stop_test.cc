// The contract of deadlines and cancels, held by every engine: each operation completes exactly
// once, in time or with its error.
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "headrace/base/clock.h"
#include "headrace/base/error.h"
#include "headrace/io/ring_contract.h"

namespace headrace::io {
namespace {

class RingStops : public RingContract {};
INSTANTIATE_TEST_SUITE_P(Engines, RingStops, k_all_rings, name_of_case);

TEST_P(RingStops, ends_a_read_whose_deadline_has_passed_without_trying) {
  Read read = read_of(0, 1000, 3);
  read.deadline_ns = 1;
  EXPECT_EQ(read_one(read).result, -ETIMEDOUT);
  EXPECT_EQ(ring_->counts().read_bytes, 0u);
}

TEST_P(RingStops, keeps_a_read_whose_deadline_is_far) {
  Read read = read_of(1001, 1000, 3);
  read.deadline_ns = steady_now_ns() + uint64_t{3'600'000'000'000};
  expect_right(read_one(read), 1001, 1000);
}

TEST_P(RingStops, completes_each_once_when_half_are_cancelled) {
  for (int round = 0; round < 20; ++round) {
    std::vector<Read> reads;
    for (size_t index = 0; index < k_depth; ++index) {
      reads.push_back(read_of(index * 50'000, 40'000, index));
    }
    ASSERT_EQ(ring_->submit(reads), k_depth);
    for (uint64_t tag = 0; tag < k_depth; tag += 2) ring_->cancel(tag);
    ring_->cancel(12345);
    std::array<Done, k_depth> done;
    ASSERT_EQ(ring_->wait(done, k_depth, k_no_deadline), k_depth);
    std::vector<bool> seen(k_depth, false);
    for (const Done& one : done) {
      EXPECT_FALSE(seen[one.tag]);
      seen[one.tag] = true;
      if (one.tag % 2 == 1 || one.result >= 0) {
        expect_right(one, one.tag * 50'000, 40'000);
      } else {
        EXPECT_EQ(one.result, -ECANCELED);
      }
    }
    EXPECT_EQ(ring_->in_flight(), 0u);
  }
}

TEST_P(RingStops, completes_each_once_when_deadlines_pass_in_the_middle) {
  for (uint64_t round = 0; round < 20; ++round) {
    std::vector<Read> reads;
    for (size_t index = 0; index < k_depth; ++index) {
      reads.push_back(read_of(index * 50'000, 40'000, index));
      reads.back().deadline_ns = steady_now_ns() + round * 10'000;
    }
    ASSERT_EQ(ring_->submit(reads), k_depth);
    std::array<Done, k_depth> done;
    ASSERT_EQ(ring_->wait(done, k_depth, k_no_deadline), k_depth);
    for (const Done& one : done) {
      if (one.result != -ETIMEDOUT) expect_right(one, one.tag * 50'000, 40'000);
    }
  }
}

size_t descriptor_count() {
  const auto folder = std::filesystem::directory_iterator("/proc/self/fd");
  return static_cast<size_t>(std::distance(begin(folder), end(folder)));
}
uint64_t resident_bytes() {
  uint64_t pages = 0;
  std::ifstream("/proc/self/statm") >> pages >> pages;
  return pages * static_cast<uint64_t>(::sysconf(_SC_PAGESIZE));
}

// A sanitizer keeps what was freed for a while, and looks for leaks itself.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr uint64_t k_kept_bytes_max = uint64_t{256} << 20;
#else
constexpr uint64_t k_kept_bytes_max = uint64_t{4} << 20;
#endif

// Rings that end while reads fail, are cancelled, or are under way.
TEST_P(RingStops, leaves_descriptors_and_memory_as_they_were_after_many_faults) {
  ring_.reset();
  const auto failing = File::open(real_files(), "/proc/self/mem", GetParam().caching);
  size_t descriptors = 0;
  uint64_t memory_bytes = 0;
  for (int round = 0; round < 60; ++round) {
    if (round == 10) {
      descriptors = descriptor_count();
      memory_bytes = resident_bytes();
    }
    make(k_depth);
    std::vector<Read> reads;
    for (size_t index = 0; index < k_depth; ++index) {
      reads.push_back(read_of(index * 50'000, 40'000, index));
      if (index % 2 == 0)
        reads.back() = {
            .file = failing.get(), .length_bytes = 100, .target = slot(index), .tag = index};
    }
    ASSERT_EQ(ring_->submit(reads), k_depth);
    ring_->cancel(3);
    std::array<Done, k_depth / 2> done;
    ASSERT_GE(ring_->wait(done, 4, k_no_deadline), 4u);
    ring_.reset();
  }
  EXPECT_EQ(descriptor_count(), descriptors);
  EXPECT_LE(resident_bytes(), memory_bytes + k_kept_bytes_max);
}

// A pipe that nobody writes to is a device that hangs; only io_uring reads pipes at an offset.
class HungDevice : public ::testing::Test {
 public:
  void SetUp() override {
    try {
      ring_ = make_ring({.engine = "uring", .depth = 4, .arena = arena_.bytes()});
    } catch (const Error& error) {
      GTEST_SKIP() << error.what();
    }
    std::array<int, 2> ends = {};
    ASSERT_EQ(::pipe(ends.data()), 0);
    other_end_ = UniqueFd(ends[1]);
    file_ = std::make_unique<File>(
        FileParts{.path = "a pipe", .size_bytes = 1000, .fd_buffered = UniqueFd(ends[0])});
  }
  Read read() const {
    return {.file = file_.get(), .length_bytes = 100, .target = arena_.bytes(), .tag = 5};
  }
  int64_t result() {
    Done done;
    EXPECT_EQ(ring_->wait({&done, 1}, 1, k_no_deadline), 1u);
    return done.result;
  }

 protected:
  memory::Arena arena_{{.size_bytes = 65536}};
  UniqueFd other_end_;
  std::unique_ptr<File> file_;
  std::unique_ptr<Ring> ring_;  // last, since what is under way reads the file
};

TEST_F(HungDevice, is_given_up_at_the_deadline) {
  Read late = read();
  late.deadline_ns = steady_now_ns() + 20'000'000;
  ASSERT_EQ(ring_->submit({&late, 1}), 1u);
  EXPECT_EQ(result(), -ETIMEDOUT);
  EXPECT_GE(steady_now_ns(), late.deadline_ns);
}

TEST_F(HungDevice, is_given_up_when_it_is_cancelled) {
  const Read one = read();
  ASSERT_EQ(ring_->submit({&one, 1}), 1u);
  Done none;
  ASSERT_EQ(ring_->wait({&none, 1}, 1, steady_now_ns() + 1'000'000), 0u);
  ring_->cancel(5);
  ring_->cancel(5);
  EXPECT_EQ(result(), -ECANCELED);
}

}  // namespace
}  // namespace headrace::io
