// Readings from fixtures, and from the real kernel where they must move.
#include "headrace/observe/process.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "headrace/base/temp_folder.h"

namespace headrace::observe {
namespace {

TEST(Process, reads_the_four_counters_of_proc_self_io) {
  const TempFolder root;
  write_text(root / "proc/self/io",
             "rchar: 100\nwchar: 20\nsyscr: 3\nsyscw: 4\nread_bytes: 4096\nwrite_bytes: 8192\n"
             "cancelled_write_bytes: 7\n");
  const ProcessIo io = read_process_io(root.path());
  EXPECT_EQ(io.rchar, 100u);
  EXPECT_EQ(io.wchar, 20u);
  EXPECT_EQ(io.read_bytes, 4096u);
  EXPECT_EQ(io.write_bytes, 8192u);
}

TEST(Process, is_zero_where_the_kernel_tells_nothing) {
  const TempFolder root;
  EXPECT_EQ(read_process_io(root.path()).rchar, 0u);
  EXPECT_EQ(available_memory_bytes(root.path()), 0u);
  EXPECT_EQ(read_process_usage(root.path()).rss_bytes, 0u);
}

TEST(Process, counts_what_this_process_reads_and_holds) {
  const uint64_t before = read_process_io().rchar;
  std::ifstream zero("/dev/zero");
  std::string bytes(1 << 20, 'x');
  zero.read(bytes.data(), 1 << 20);
  EXPECT_GE(read_process_io().rchar, before + (1 << 20));
  EXPECT_GT(read_process_usage().peak_rss_bytes, uint64_t{1} << 20);
  EXPECT_GT(read_process_usage().rss_bytes, uint64_t{1} << 20);
  EXPECT_GT(available_memory_bytes(), 0u);
}

}  // namespace
}  // namespace headrace::observe
