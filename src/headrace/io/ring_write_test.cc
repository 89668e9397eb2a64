// The contract of writes and syncs, held by every engine on direct and on buffered files.
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include <csignal>
#include <random>

#include "headrace/base/error.h"
#include "headrace/io/ring_contract.h"

namespace headrace::io {
namespace {

class RingWrites : public RingContract {
 public:
  void SetUp() override {
    RingContract::SetUp();
    path_ = *folder_ / "written";
    file_ = File::open(real_files(), path_, GetParam().caching, Access::create);
  }
  // Fills the slot with what byte_at() has for these offsets.
  Write write_of(uint64_t offset_bytes, uint64_t length_bytes, size_t slot_index) const {
    const std::span<std::byte> source = slot(slot_index).first(length_bytes);
    for (uint64_t index = 0; index < length_bytes; ++index) {
      source[index] = byte_at(offset_bytes + index);
    }
    return {.file = file_.get(), .offset_bytes = offset_bytes, .source = source, .tag = slot_index};
  }
  Done write_one(const Write& write) {
    EXPECT_EQ(ring_->submit({&write, 1}), 1u);
    return only_done(write.tag);
  }
  Done sync() {
    const Sync sync{.file = file_.get(), .tag = 99};
    EXPECT_EQ(ring_->submit({&sync, 1}), 1u);
    return only_done(99);
  }
  Done only_done(uint64_t tag) {
    Done done;
    EXPECT_EQ(ring_->wait({&done, 1}, 1, k_no_deadline), 1u);
    EXPECT_EQ(done.tag, tag);
    return done;
  }
  // By the plain way, so that a wrong ring cannot hide.
  uint64_t first_wrong_in_file(uint64_t size_bytes) const {
    const auto bytes = read_file(real_files(), path_, size_bytes + 1);
    EXPECT_EQ(bytes.size(), size_bytes);
    for (uint64_t offset = 0; offset < bytes.size(); ++offset) {
      if (bytes[offset] != byte_at(offset)) return offset;
    }
    return bytes.size();
  }

 protected:
  std::string path_;
};
INSTANTIATE_TEST_SUITE_P(Engines, RingWrites, k_writing_rings, name_of_case);

TEST_P(RingWrites, puts_the_bytes_at_any_offset_and_length) {
  std::mt19937_64 random(3);
  uint64_t offset = 0;
  while (offset < 500'000) {
    // Aligned and odd ones side by side, so that direct and buffered writes meet in one block.
    const uint64_t length = random() % 2 == 0 ? 4096 * (1 + random() % 8) : 1 + random() % 20'000;
    const Done done = write_one(write_of(offset, length, 0));
    ASSERT_EQ(done.result, static_cast<int64_t>(length)) << "at " << offset;
    offset += length;
  }
  EXPECT_EQ(sync().result, 0);
  EXPECT_EQ(first_wrong_in_file(offset), offset);
  EXPECT_EQ(ring_->counts().written_bytes, offset);
}

TEST_P(RingWrites, completes_each_of_many_writes_once_whatever_the_order) {
  constexpr uint64_t k_length = 65536;
  std::vector<Write> writes;
  for (size_t index = 0; index < k_depth; ++index) {
    writes.push_back(write_of(index * k_length, k_length, index));
  }
  ASSERT_EQ(ring_->submit(writes), k_depth);
  std::array<Done, k_depth> done;
  ASSERT_EQ(ring_->wait(done, k_depth, k_no_deadline), k_depth);
  std::vector<bool> seen(k_depth, false);
  for (const Done& one : done) {
    EXPECT_EQ(one.result, static_cast<int64_t>(k_length));
    EXPECT_FALSE(seen[one.tag]);
    seen[one.tag] = true;
  }
  EXPECT_EQ(sync().result, 0);
  EXPECT_EQ(first_wrong_in_file(k_depth * k_length), k_depth * k_length);
}

TEST_P(RingWrites, says_how_much_it_took_when_it_is_full) {
  std::vector<Write> writes;
  for (size_t index = 0; index <= k_depth; ++index) writes.push_back(write_of(0, 4096, 0));
  EXPECT_EQ(ring_->submit(writes), k_depth);
  const Sync sync{.file = file_.get(), .tag = 99};
  EXPECT_EQ(ring_->submit({&sync, 1}), 0u);
  std::array<Done, k_depth> done;
  EXPECT_EQ(ring_->wait(done, k_depth, k_no_deadline), k_depth);
  EXPECT_EQ(ring_->submit({&sync, 1}), 1u);
}

TEST_P(RingWrites, reads_back_what_was_written_beyond_the_size_at_opening) {
  ASSERT_EQ(write_one(write_of(0, 8192, 0)).result, 8192);
  const Done done = read_one(read_of(1000, 5000, 1));
  EXPECT_EQ(done.result, 5000);
  EXPECT_EQ(first_wrong(done, 1000), 6000u);
}

TEST_P(RingWrites, completes_a_write_of_nothing_with_zero) {
  EXPECT_EQ(write_one(write_of(4096, 0, 0)).result, 0);
  EXPECT_EQ(first_wrong_in_file(0), 0u);
}

TEST_P(RingWrites, completes_an_offset_that_no_file_has_with_einval) {
  Write write = write_of(0, 4096, 0);
  write.offset_bytes = ~uint64_t{0} - 100;
  EXPECT_EQ(write_one(write).result, -EINVAL);
}

// A limit on the size of files answers as a full disk does: first a short write, then an error.
TEST_P(RingWrites, delivers_the_error_of_a_file_that_may_not_grow) {
  rlimit before = {};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
  const rlimit narrow = {.rlim_cur = 40960, .rlim_max = before.rlim_max};
  const auto old_handler = std::signal(SIGXFSZ, SIG_IGN);
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &narrow), 0);
  make(k_depth);  // workers of io_uring take the limit of the ring's maker
  const Done done = write_one(write_of(0, 65536, 0));
  ::setrlimit(RLIMIT_FSIZE, &before);
  std::signal(SIGXFSZ, old_handler);
  EXPECT_EQ(done.result, -EFBIG);
  EXPECT_EQ(ring_->counts().failed, 1u);
}

TEST_P(RingWrites, delivers_the_error_of_a_file_that_cannot_be_synced) {
  FileParts parts{.path = "a pipe", .writable = true};
  std::array<int, 2> ends = {};
  ASSERT_EQ(::pipe2(ends.data(), O_CLOEXEC), 0);
  const UniqueFd other_end(ends[0]);
  parts.fd_buffered = UniqueFd(ends[1]);
  file_ = std::make_unique<File>(std::move(parts));
  EXPECT_EQ(sync().result, -EINVAL);
}

TEST_P(RingWrites, calls_a_write_to_a_file_opened_for_reading_a_bug) {
  const auto read_only = File::open(real_files(), path_, GetParam().caching);
  Write write = write_of(0, 4096, 0);
  write.file = read_only.get();
  EXPECT_DEATH(ring_->submit({&write, 1}), "writable");
}

}  // namespace
}  // namespace headrace::io
