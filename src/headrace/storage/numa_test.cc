// Lists of processors, and binding to the node that every machine has.
#include "headrace/storage/numa.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <thread>

#include "headrace/memory/arena.h"

namespace headrace::storage {
namespace {

std::vector<int> listed(std::string_view text) {
  const cpu_set_t set = parse_cpu_list(text);
  std::vector<int> cpus;
  for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
    if (CPU_ISSET(cpu, &set)) cpus.push_back(cpu);
  }
  return cpus;
}

TEST(Numa, reads_the_kernels_lists_and_stops_at_what_is_none) {
  EXPECT_EQ(listed("0-2,8,10-11\n"), (std::vector<int>{0, 1, 2, 8, 10, 11}));
  EXPECT_EQ(listed("5"), std::vector<int>{5});
  EXPECT_TRUE(listed("").empty());
  EXPECT_TRUE(listed("all").empty());
  EXPECT_TRUE(listed("3-").empty());
  EXPECT_EQ(listed("1022-4000000000").size(), 2U);
}

TEST(Numa, binds_a_thread_to_a_node_there_is_and_leaves_it_for_one_there_is_not) {
  if (!std::filesystem::exists("/sys/devices/system/node/node0")) GTEST_SKIP() << "no nodes told";
  std::jthread([] {
    cpu_set_t before, after;
    ASSERT_EQ(sched_getaffinity(0, sizeof before, &before), 0);
    EXPECT_FALSE(run_on_node(63));
    ASSERT_EQ(sched_getaffinity(0, sizeof after, &after), 0);
    EXPECT_TRUE(CPU_EQUAL(&before, &after));
    EXPECT_TRUE(run_on_node(0));
  });
}

TEST(Numa, memory_is_taken_of_a_node_there_is) {
  const memory::Arena arena({.size_bytes = 1 << 20, .touched = false});
  if (!prefer_node(arena.bytes(), 0)) GTEST_SKIP() << "the kernel has no NUMA policies";
  arena.bytes()[0] = std::byte{1};
  EXPECT_FALSE(prefer_node(arena.bytes(), 63));
  EXPECT_FALSE(prefer_node(arena.bytes(), 64));
}

}  // namespace
}  // namespace headrace::storage
