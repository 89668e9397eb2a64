// What only io_uring promises: fallback where it is refused, registration as far as memlock allows,
// latching by the kernel's own answer. Refusals are made in forked children, so that this process
// stays as it is.
#include "headrace/io/uring.h"

#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <cstddef>

#include "headrace/base/error.h"
#include "headrace/io/ring_contract.h"

namespace headrace::io {
namespace {

constexpr int k_skipped = 77;

// Runs in a child; its answer is "" for success, "skip: …", or what went wrong.
template <typename Body>
void in_child(Body body) {
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    const std::string wrong = body();
    if (!wrong.empty()) std::fputs((wrong + "\n").c_str(), stderr);
    ::_exit(wrong.empty() ? 0 : wrong.starts_with("skip") ? k_skipped : 1);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFEXITED(status)) << "signal " << WTERMSIG(status);
  if (WEXITSTATUS(status) == k_skipped) GTEST_SKIP() << "the child says why above";
  EXPECT_EQ(WEXITSTATUS(status), 0);
}

// From now on this process gets the errno from one system call.
bool refuse_call(unsigned number, uint16_t error_number) {
  std::array<sock_filter, 4> program = {{
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, number, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | error_number),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  }};
  const sock_fprog filter = {.len = program.size(), .filter = program.data()};
  return ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
         ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) == 0;
}

class UringTest : public ::testing::Test {
 public:
  void SetUp() override {
    write_file(folder_ / "data", k_file_bytes);
    const auto ring = UringRing::make({.depth = 1});
    if (!ring) GTEST_SKIP() << ring.error();
  }
  // "" when a ring brings the right bytes.
  std::string wrong_read(Ring& ring, const File& file, std::span<std::byte> target) const {
    const Read read{.file = &file, .offset_bytes = 5001, .length_bytes = 3000, .target = target};
    Done done;
    if (ring.submit({&read, 1}) != 1) return "not taken";
    if (ring.wait({&done, 1}, 1, k_no_deadline) != 1) return "not completed";
    if (done.result != 3000) return fmt::format("result {}", done.result);
    for (size_t index = 0; index < 3000; ++index) {
      if (done.data[index] != byte_at(5001 + index)) return fmt::format("byte {}", index);
    }
    return "";
  }
  std::unique_ptr<File> open() const {
    return File::open(real_files(), folder_ / "data", Caching::direct);
  }
  std::string wrong_fallback(unsigned call, uint16_t error_number) const {
    if (!refuse_call(call, error_number)) return "skip: no seccomp filter can be installed here";
    const memory::Arena arena({.size_bytes = 65536});
    const auto ring = make_ring({.engine = "auto", .depth = 4, .arena = arena.bytes()});
    const RingInfo info = ring->info();
    if (info.engine != "threads") return "engine " + info.engine;
    if (info.why_not_better.find("io_uring") == std::string::npos) return info.why_not_better;
    if (info.why_not_better.find(text_of_errno(error_number)) == std::string::npos) {
      return info.why_not_better;
    }
    try {
      make_ring({.engine = "uring", .depth = 4});
      return "engine uring was given";
    } catch (const Error& error) {
      if (error.code() != Code::unsupported) return error.what();
    }
    return wrong_read(*ring, *open(), arena.bytes());
  }

 protected:
  static constexpr uint64_t k_file_bytes = 100'000;
  TempFolder folder_;
};

TEST_F(UringTest, gives_way_to_threads_when_a_filter_refuses_the_setup) {
  in_child([&] { return wrong_fallback(__NR_io_uring_setup, EPERM); });
}

TEST_F(UringTest, gives_way_to_threads_when_a_filter_allows_the_setup_but_not_the_use) {
  in_child([&] { return wrong_fallback(__NR_io_uring_enter, EPERM); });
}

TEST_F(UringTest, gives_way_to_threads_on_a_kernel_without_io_uring) {
  in_child([&] { return wrong_fallback(__NR_io_uring_setup, ENOSYS); });
}

// What was never sent must not keep the destructor waiting.
TEST_F(UringTest, throws_when_the_kernel_refuses_in_mid_run_and_still_ends) {
  in_child([&]() -> std::string {
    const auto file = open();
    const memory::Arena arena({.size_bytes = 65536});
    auto ring = UringRing::make({.depth = 4, .arena = arena.bytes()});
    if (!ring) return "skip: " + ring.error();
    if (!refuse_call(__NR_io_uring_enter, ENOMEM)) return "skip: no seccomp filter here";
    try {
      return "read in spite of the refusal: " + wrong_read(**ring, *file, arena.bytes());
    } catch (const Error& error) {
      return error.parts().object == "io_uring_enter" ? "" : error.what();
    }
  });
}

TEST_F(UringTest, reads_right_and_says_so_when_the_arena_may_not_be_registered) {
  in_child([&]() -> std::string {
    const rlimit limit = {.rlim_cur = 65536, .rlim_max = 65536};
    // Root is exempt from the limit, so the child becomes nobody first.
    const auto file = open();
    const memory::Arena arena({.size_bytes = size_t{8} << 20});
    if (::setrlimit(RLIMIT_MEMLOCK, &limit) != 0) return "skip: the limit cannot be set";
    if (::geteuid() == 0 && ::setuid(65534) != 0) return "skip: root cannot be left";
    const auto ring = UringRing::make({.depth = 4, .arena = arena.bytes()});
    if (!ring) return "skip: " + ring.error();
    const RingInfo info = (*ring)->info();
    if (info.registered || info.registered_bytes >= arena.bytes().size()) return "registered";
    if (info.why_not_better.find("ulimit -l") == std::string::npos) return info.why_not_better;
    return wrong_read(**ring, *file, arena.bytes());
  });
}

TEST_F(UringTest, registers_its_arena_and_reads_into_its_last_bytes) {
  const memory::Arena arena({.size_bytes = size_t{2} << 20});
  auto ring = UringRing::make({.depth = 4, .arena = arena.bytes()});
  ASSERT_TRUE(ring);
  if (!(*ring)->info().registered) GTEST_SKIP() << (*ring)->info().why_not_better;
  EXPECT_EQ((*ring)->info().registered_bytes, arena.bytes().size());
  EXPECT_EQ(wrong_read(**ring, *open(), arena.bytes().last(8192)), "");
}

TEST_F(UringTest, reads_right_with_either_kind_of_polling_or_says_why_it_does_not_poll) {
  const memory::Arena arena({.size_bytes = 65536});
  const auto file = open();
  for (const bool sqpoll : {false, true}) {
    for (const bool iopoll : {false, true}) {
      const File* iopoll_on = iopoll ? file.get() : nullptr;
      const auto ring = UringRing::make(
          {.depth = 4, .arena = arena.bytes(), .sqpoll = sqpoll, .iopoll_on = iopoll_on});
      ASSERT_TRUE(ring) << ring.error();
      const RingInfo info = (*ring)->info();
      const auto said = [&](const char* what) {
        return info.why_not_better.find(what) != std::string::npos;
      };
      EXPECT_TRUE(info.sqpoll == sqpoll || said("without sqpoll")) << info.why_not_better;
      EXPECT_TRUE(info.iopoll == iopoll || said("without iopoll"));
      for (int round = 0; round < 100; ++round) {
        ASSERT_EQ(wrong_read(**ring, *file, arena.bytes()), "");
      }
    }
  }
}

TEST_F(UringTest, keeps_what_it_reads_out_of_the_page_cache_when_direct_was_wished) {
  const std::string path = folder_ / "data";
  const UniqueFd fd(::open(path.c_str(), O_RDONLY));
  ASSERT_EQ(::fsync(fd.get()), 0);
  ASSERT_EQ(::posix_fadvise(fd.get(), 0, 0, POSIX_FADV_DONTNEED), 0);
  const File file({.path = path,
                   .size_bytes = k_file_bytes,
                   .fd_buffered = *real_files().open(path, O_RDONLY),
                   .uncached = true});
  const memory::Arena arena({.size_bytes = 65536});
  for (const char* engine : {"uring", "threads", "psync"}) {
    const auto ring = make_ring({.engine = engine, .depth = 4, .arena = arena.bytes()});
    EXPECT_EQ(wrong_read(*ring, file, arena.bytes()), "") << engine;
  }
  if (!file.uncached()) GTEST_SKIP() << "RWF_DONTCACHE is refused here (Linux 6.14)";
  void* at = ::mmap(nullptr, k_file_bytes, PROT_READ, MAP_SHARED, fd.get(), 0);
  ASSERT_NE(at, MAP_FAILED);
  unsigned char wanted_page = 0;
  ::mincore(static_cast<char*>(at) + 4096, 4096, &wanted_page);
  ::munmap(at, k_file_bytes);
  EXPECT_EQ(wanted_page & 1, 0);
}

// The alignment is a lie here, so the kernel itself refuses the direct read.
TEST_F(UringTest, latches_a_file_that_refuses_a_direct_read_and_reads_it_buffered) {
  const std::string path = folder_ / "data";
  auto direct = real_files().open(path, O_RDONLY | O_DIRECT);
  if (!direct) GTEST_SKIP() << "no direct I/O here";
  const memory::Arena arena({.size_bytes = 65536});
  for (const char* engine : {"uring", "threads", "psync"}) {
    const File lying({.path = path,
                      .size_bytes = k_file_bytes,
                      .fd_buffered = *real_files().open(path, O_RDONLY),
                      .fd_direct = *real_files().open(path, O_RDONLY | O_DIRECT)});
    const auto ring = make_ring({.engine = engine, .depth = 4, .arena = arena.bytes()});
    EXPECT_EQ(wrong_read(*ring, lying, arena.bytes()), "");
    EXPECT_TRUE(lying.latched());
    EXPECT_EQ(ring->counts().latches, 1u);
    EXPECT_EQ(wrong_read(*ring, lying, arena.bytes()), "");
    EXPECT_EQ(ring->counts().latches, 1u);
  }
}

TEST_F(UringTest, leaks_no_descriptor_over_many_rings) {
  const auto next_fd = [] { return UniqueFd(::open("/dev/null", O_RDONLY)).get(); };
  const int before = next_fd();
  for (int round = 0; round < 50; ++round) ASSERT_TRUE(UringRing::make({.depth = 8}));
  EXPECT_EQ(next_fd(), before);
}

TEST_F(UringTest, sends_a_long_run_of_adjacent_direct_reads_in_parts_without_being_waited_for) {
  write_file(folder_ / "long", uint64_t{3} << 20);
  const auto file = File::open(real_files(), folder_ / "long", Caching::direct);
  if (!file->direct()) GTEST_SKIP() << file->why_not_direct();
  const memory::Arena arena({.size_bytes = size_t{3} << 20});
  const auto ring = UringRing::make({.depth = 8, .arena = arena.bytes()});
  std::vector<Read> reads;
  for (uint64_t part = 0; part < 3; ++part) {
    const uint64_t at = part << 20;
    reads.push_back({.file = file.get(),
                     .offset_bytes = at,
                     .length_bytes = 1 << 20,
                     .target = arena.bytes().subspan(at, 1 << 20),
                     .tag = part});
  }
  ASSERT_EQ((*ring)->submit(reads), 3U);
  const std::atomic_ref<std::byte> first(arena.bytes()[0]);
  const uint64_t give_up_ns = steady_now_ns() + 10'000'000'000;
  while (first != byte_at(0) && steady_now_ns() < give_up_ns) std::this_thread::yield();
  EXPECT_EQ(first, byte_at(0));
  std::array<Done, 3> done;
  EXPECT_EQ((*ring)->wait(done, 3, k_no_deadline), 3U);
  EXPECT_EQ(arena.bytes().back(), byte_at((uint64_t{3} << 20) - 1));
}

TEST_F(UringTest, calls_use_by_another_thread_a_bug) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");  // the child makes a thread
  const auto ring = UringRing::make({.depth = 1});
  EXPECT_DEATH(std::jthread([&] { (*ring)->submit(std::span<const Read>()); }).join(),
               "thread that made it");
}

}  // namespace
}  // namespace headrace::io
