// What only the pool promises: bounded threads, and an end that waits for the read at hand and
// drops the rest.
#include "headrace/io/threads.h"

#include <filesystem>

#include "headrace/io/ring_contract.h"

namespace headrace::io {
namespace {

size_t thread_count() {
  const auto folder = std::filesystem::directory_iterator("/proc/self/task");
  return static_cast<size_t>(std::distance(begin(folder), end(folder)));
}

TEST(Threads, has_no_more_threads_than_its_depth_and_never_more_than_its_limit) {
  std::jthread([] {}).join();  // a sanitizer's own thread comes with the first
  const size_t before = thread_count();
  {
    const ThreadsRing ring({.depth = 3}, "");
    EXPECT_EQ(thread_count(), before + 3);
  }
  EXPECT_EQ(thread_count(), before);
  const ThreadsRing ring({.depth = 1000}, "");
  EXPECT_EQ(thread_count(), before + ThreadsRing::k_most_threads);
}

TEST(Threads, says_what_kept_a_better_engine_away) {
  const ThreadsRing ring({.depth = 1}, "io_uring_setup: no");
  EXPECT_EQ(ring.info().why_not_better, "io_uring_setup: no");
  EXPECT_EQ(ring.info().engine, "threads");
}

TEST(Threads, serves_many_more_reads_than_threads) {
  const TempFolder folder;
  write_file(folder / "data", 100'000);
  const auto file = File::open(real_files(), folder / "data", Caching::page);
  const memory::Arena arena({.size_bytes = 256 * 4096});
  ThreadsRing ring({.depth = 256}, "");
  for (int round = 0; round < 20; ++round) {
    std::vector<Read> reads;
    for (uint64_t tag = 0; tag < 256; ++tag) {
      reads.push_back({.file = file.get(),
                       .offset_bytes = tag * 300,
                       .length_bytes = 300,
                       .target = arena.bytes().subspan(tag * 4096, 4096),
                       .tag = tag});
    }
    ASSERT_EQ(ring.submit(reads), 256u);
    std::array<Done, 256> done;
    ASSERT_EQ(ring.wait(done, 256, k_no_deadline), 256u);
    for (const Done& one : done) ASSERT_EQ(one.data[0], byte_at(one.tag * 300));
  }
  EXPECT_EQ(ring.counts().completed, 20u * 256);
}

TEST(Threads, calls_use_by_another_thread_a_bug) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");  // the child makes a thread
  ThreadsRing ring({.depth = 1}, "");
  EXPECT_DEATH(std::jthread([&] { ring.submit(std::span<const Read>()); }).join(),
               "thread that made it");
}

}  // namespace
}  // namespace headrace::io
