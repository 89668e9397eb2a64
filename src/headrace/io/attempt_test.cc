// The state machine of one operation, driven by raw results that kernels give and that they hardly
// ever give.
#include "headrace/io/attempt.h"

#include <gtest/gtest.h>

#include <array>
#include <cerrno>

namespace headrace::io {
namespace {

// Numbers that no process has as descriptors, so that closing them is harmless.
constexpr int k_buffered = 1'000'000'100;
constexpr int k_direct = 1'000'000'101;

class AttemptTest : public ::testing::Test {
 public:
  const File& file(uint64_t size_bytes, uint32_t alignment) {
    FileParts parts{.size_bytes = size_bytes,
                    .fd_buffered = UniqueFd(k_buffered),
                    .memory_alignment = alignment,
                    .offset_alignment = alignment,
                    .writable = true};
    if (alignment > 1) parts.fd_direct = UniqueFd(k_direct);
    return *files_.emplace_back(std::make_unique<File>(std::move(parts)));
  }
  Attempt attempt(const File& on, uint64_t offset_bytes, uint64_t length_bytes) {
    return Attempt(
        {.file = &on,
         .offset_bytes = offset_bytes,
         .length_bytes = length_bytes,
         .target = std::span(target_).first(target_bytes_for(on, offset_bytes, length_bytes))});
  }
  Attempt write(const File& on, uint64_t offset_bytes, uint64_t length_bytes,
                uint64_t source_offset = 0) {
    return Attempt(Write{.file = &on,
                         .offset_bytes = offset_bytes,
                         .source = std::span(target_).subspan(source_offset, length_bytes)});
  }
  std::span<std::byte> room() { return target_; }
  void expect_piece(const Attempt& attempt, int fd, uint64_t offset_bytes, uint64_t target_offset,
                    uint64_t size_bytes) {
    const Piece piece = attempt.next();
    EXPECT_EQ(piece.fd, fd);
    EXPECT_EQ(piece.offset_bytes, offset_bytes);
    EXPECT_EQ(piece.target.data() - target_.data(), static_cast<ptrdiff_t>(target_offset));
    EXPECT_EQ(piece.target.size(), size_bytes);
  }
  void expect_done(const Attempt& attempt, int64_t result, uint64_t skew) {
    ASSERT_TRUE(attempt.done());
    const Done done = attempt.result(5, 12);
    EXPECT_EQ(done.result, result);
    EXPECT_EQ(done.data - target_.data(), static_cast<ptrdiff_t>(skew));
    EXPECT_EQ(done.latency_ns, 7u);
  }

 protected:
  RingCounts counts_;

 private:
  std::vector<std::unique_ptr<File>> files_;
  alignas(k_target_alignment) std::array<std::byte, 65536> target_{};
};

TEST_F(AttemptTest, asks_for_exactly_the_wish_on_a_buffered_file) {
  Attempt one = attempt(file(100'000, 1), 1000, 700);
  expect_piece(one, k_buffered, 1000, 0, 700);
  one.take(700, counts_);
  expect_done(one, 700, 0);
  EXPECT_EQ(counts_.read_bytes, 700u);
}

TEST_F(AttemptTest, over_reads_to_whole_blocks_on_a_direct_file_and_skips_the_skew) {
  Attempt one = attempt(file(100'000, 512), 1000, 700);
  expect_piece(one, k_direct, 512, 0, 1536);
  one.take(1536, counts_);
  expect_done(one, 700, 488);
}

TEST_F(AttemptTest, takes_the_short_last_block_of_a_file_without_asking_again) {
  Attempt one = attempt(file(1300, 512), 1000, 300);
  expect_piece(one, k_direct, 512, 0, 1024);
  one.take(788, counts_);
  expect_done(one, 300, 488);
  EXPECT_EQ(counts_.resumes, 0u);
}

TEST_F(AttemptTest, goes_on_after_a_short_read_from_an_aligned_offset) {
  Attempt one = attempt(file(100'000, 512), 1000, 4000);
  expect_piece(one, k_direct, 512, 0, 4608);
  one.take(1100, counts_);
  expect_piece(one, k_direct, 1536, 1024, 3584);
  one.take(3584, counts_);
  expect_done(one, 4000, 488);
  EXPECT_EQ(counts_.resumes, 1u);
}

TEST_F(AttemptTest, goes_on_from_the_very_byte_on_a_buffered_file) {
  Attempt one = attempt(file(100'000, 1), 10, 100);
  one.take(33, counts_);
  expect_piece(one, k_buffered, 43, 33, 67);
  one.take(67, counts_);
  expect_done(one, 100, 0);
}

TEST_F(AttemptTest, ends_short_when_a_further_piece_brings_nothing_new) {
  Attempt shrunk = attempt(file(100'000, 512), 1000, 4000);
  shrunk.take(1100, counts_);
  shrunk.take(76, counts_);
  expect_done(shrunk, 612, 488);
  Attempt gone = attempt(file(100'000, 512), 1000, 4000);
  gone.take(0, counts_);
  expect_done(gone, 0, 0);
}

TEST_F(AttemptTest, brings_nothing_when_only_bytes_before_the_wish_exist) {
  Attempt one = attempt(file(700, 512), 1000, 20);
  one.take(188, counts_);
  expect_done(one, 0, 0);
}

TEST_F(AttemptTest, does_not_count_over_read_bytes_as_wished_ones) {
  Attempt one = attempt(file(100'000, 512), 512, 100);
  one.take(300, counts_);
  expect_done(one, 100, 0);
}

TEST_F(AttemptTest, latches_the_file_and_starts_again_buffered_after_einval) {
  const File& on = file(100'000, 512);
  Attempt first = attempt(on, 1000, 700);
  Attempt second = attempt(on, 1000, 700);
  first.take(-EINVAL, counts_);
  EXPECT_TRUE(on.latched());
  expect_piece(first, k_buffered, 1000, 0, 700);
  second.take(-EINVAL, counts_);
  expect_piece(second, k_buffered, 1000, 0, 700);
  EXPECT_EQ(counts_.latches, 1u);
  first.take(-EINVAL, counts_);
  expect_done(first, -EINVAL, 0);
}

TEST_F(AttemptTest, forgets_what_came_direct_when_it_starts_again_buffered) {
  Attempt one = attempt(file(100'000, 512), 1000, 4000);
  one.take(1100, counts_);
  one.take(-EINVAL, counts_);
  expect_piece(one, k_buffered, 1000, 0, 4000);
}

TEST_F(AttemptTest, stays_direct_to_its_end_when_another_read_latches_the_file) {
  const File& on = file(100'000, 512);
  Attempt one = attempt(on, 1000, 700);
  on.latch_buffered();
  expect_piece(one, k_direct, 512, 0, 1536);
}

TEST_F(AttemptTest, retries_eintr_and_eagain_a_bounded_number_of_times) {
  for (const int error_number : {EINTR, EAGAIN}) {
    Attempt one = attempt(file(100'000, 1), 0, 100);
    for (uint32_t retry = 0; retry < Retries{}.transient; ++retry) {
      one.take(-error_number, counts_);
      ASSERT_FALSE(one.done());
      expect_piece(one, k_buffered, 0, 0, 100);
    }
    one.take(-error_number, counts_);
    expect_done(one, -error_number, 0);
  }
  EXPECT_EQ(counts_.retries, 2 * Retries{}.transient);
}

TEST_F(AttemptTest, retries_eio_as_often_as_the_policy_says_but_never_for_a_sync) {
  const File& on = file(100'000, 1);
  const Read read{.file = &on, .length_bytes = 100, .target = room()};
  Attempt one(read, {.io_error = 2});
  one.take(-EIO, counts_);
  one.take(-EIO, counts_);
  ASSERT_FALSE(one.done());
  one.take(-EIO, counts_);
  expect_done(one, -EIO, 0);
  EXPECT_EQ(counts_.retries, 2u);
  Attempt sync(Sync{.file = &on}, {.io_error = 2});
  sync.take(-EIO, counts_);
  EXPECT_EQ(sync.result(0, 0).result, -EIO);
}

TEST_F(AttemptTest, tries_nothing_more_after_it_was_told_to_stop) {
  const File& on = file(100'000, 1);
  for (const int raw : {40, -EAGAIN, -ECANCELED}) {
    Attempt one = attempt(on, 0, 100);
    one.stop(ETIMEDOUT);
    one.take(raw, counts_);
    expect_done(one, -ETIMEDOUT, 0);
  }
  Attempt quicker = attempt(on, 0, 100);
  quicker.stop(ETIMEDOUT);
  quicker.take(100, counts_);
  expect_done(quicker, 100, 0);
}

TEST_F(AttemptTest, keeps_the_cache_clean_when_direct_was_wished_and_latches_where_it_cannot) {
  const File on({.size_bytes = 100'000, .fd_buffered = UniqueFd(k_buffered), .uncached = true});
  Attempt one = attempt(on, 0, 100);
  EXPECT_TRUE(one.next().uncached);
  one.take(-EOPNOTSUPP, counts_);
  ASSERT_FALSE(one.done());
  EXPECT_FALSE(one.next().uncached);
  EXPECT_FALSE(attempt(on, 0, 100).next().uncached);
  one.take(-EOPNOTSUPP, counts_);
  expect_done(one, -EOPNOTSUPP, 0);
}

TEST_F(AttemptTest, delivers_other_errors_at_once) {
  for (const int error_number : {EIO, ENOMEM, EBADF, ESTALE}) {
    Attempt one = attempt(file(100'000, 512), 1000, 100);
    one.take(-error_number, counts_);
    expect_done(one, -error_number, 0);
  }
}

TEST_F(AttemptTest, is_done_before_any_call_for_no_bytes_and_for_impossible_offsets) {
  expect_done(attempt(file(100, 512), 50, 0), 0, 0);
  expect_done(attempt(file(100, 512), ~uint64_t{0}, 1), -EINVAL, 0);
}

TEST_F(AttemptTest, cuts_a_huge_read_into_pieces_that_one_call_can_move) {
  const File& on = file(uint64_t{8} << 30, 512);
  auto* base = reinterpret_cast<std::byte*>(uintptr_t{1} << 30);  // never touched
  const uint64_t length = (uint64_t{2} << 30) + 100;
  Attempt one(
      {.file = &on, .length_bytes = length, .target = {base, target_bytes_for(on, 0, length)}});
  EXPECT_EQ(one.next().target.size(), Attempt::k_most_piece_bytes);
  one.take(int64_t{1} << 30, counts_);
  one.take(int64_t{1} << 30, counts_);
  EXPECT_EQ(one.next().offset_bytes, uint64_t{2} << 30);
  EXPECT_EQ(one.next().target.size(), 512u);
}

TEST_F(AttemptTest, writes_direct_only_where_offset_length_and_memory_are_aligned) {
  const File& on = file(0, 512);
  expect_piece(write(on, 1024, 512), k_direct, 1024, 0, 512);
  expect_piece(write(on, 1000, 512), k_buffered, 1000, 0, 512);
  expect_piece(write(on, 1024, 700), k_buffered, 1024, 0, 700);
  expect_piece(write(on, 1024, 512, 8), k_buffered, 1024, 8, 512);
  EXPECT_EQ(write(on, 0, 512).next().action, Action::write);
}

TEST_F(AttemptTest, goes_on_after_a_short_write_from_an_aligned_offset) {
  Attempt one = write(file(0, 512), 1024, 4096);
  one.take(1100, counts_);
  expect_piece(one, k_direct, 2048, 1024, 3072);
  one.take(3072, counts_);
  expect_done(one, 4096, 0);
  EXPECT_EQ(counts_.resumes, 1u);
  EXPECT_EQ(counts_.written_bytes, 4172u);
}

TEST_F(AttemptTest, fails_a_write_that_makes_no_progress) {
  Attempt one = write(file(0, 1), 10, 100);
  one.take(40, counts_);
  expect_piece(one, k_buffered, 50, 40, 60);
  one.take(0, counts_);
  expect_done(one, -EIO, 0);
}

TEST_F(AttemptTest, writes_buffered_after_direct_io_was_refused) {
  const File& on = file(0, 512);
  Attempt one = write(on, 512, 512);
  one.take(-EINVAL, counts_);
  expect_piece(one, k_buffered, 512, 0, 512);
  EXPECT_TRUE(on.latched());
}

TEST_F(AttemptTest, syncs_once_and_takes_an_error_as_final) {
  const File& on = file(0, 512);
  Attempt one(Sync{.file = &on, .tag = 3});
  EXPECT_EQ(one.next().action, Action::sync);
  EXPECT_EQ(one.next().fd, k_buffered);
  one.take(0, counts_);
  EXPECT_EQ(one.result(0, 0).result, 0);
  Attempt failing(Sync{.file = &on, .tag = 3});
  failing.take(-EIO, counts_);
  EXPECT_EQ(failing.result(0, 0).result, -EIO);
}

TEST_F(AttemptTest, refuses_a_target_that_is_too_small_or_not_aligned) {
  const File& on = file(100'000, 512);
  alignas(k_target_alignment) std::array<std::byte, 8192> room;
  const Read small{.file = &on,
                   .offset_bytes = 1000,
                   .length_bytes = 700,
                   .target = std::span(room).first(1535)};
  EXPECT_DEATH(Attempt{small}, "needed 1536");
  const Read skewed{.file = &on,
                    .offset_bytes = 1000,
                    .length_bytes = 700,
                    .target = std::span(room).subspan(512)};
  EXPECT_DEATH(Attempt{skewed}, "address");
}

}  // namespace
}  // namespace headrace::io
