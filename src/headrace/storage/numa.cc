// sysfs says which processors a node has; the kernel is asked directly, without libnuma.
#include "headrace/storage/numa.h"

#include <fmt/format.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <charconv>

#include "headrace/observe/proc_text.h"

namespace headrace::storage {
namespace {

constexpr int k_prefer = 1;     // MPOL_PREFERRED of linux/mempolicy.h
constexpr unsigned k_move = 2;  // MPOL_MF_MOVE: pages that are there already, too
constexpr uint32_t k_node_limit = 64;

}  // namespace

bool run_on_node(uint32_t node) {
  const cpu_set_t of_node = parse_cpu_list(
      observe::read_proc_text(fmt::format("/sys/devices/system/node/node{}/cpulist", node)));
  cpu_set_t allowed, both;
  if (::sched_getaffinity(0, sizeof allowed, &allowed) != 0) return false;
  CPU_AND(&both, &of_node, &allowed);
  return CPU_COUNT(&both) > 0 && ::sched_setaffinity(0, sizeof both, &both) == 0;
}

bool prefer_node(std::span<std::byte> bytes, uint32_t node) {
  if (node >= k_node_limit) return false;
  const unsigned long mask = 1UL << node;
  return ::syscall(SYS_mbind, bytes.data(), bytes.size(), k_prefer, &mask, k_node_limit + 1,
                   k_move) == 0;
}

cpu_set_t parse_cpu_list(std::string_view text) {
  cpu_set_t set;
  CPU_ZERO(&set);
  const char* at = text.data();
  const char* end = at + text.size();
  while (at != end) {
    unsigned first = 0;
    auto read = std::from_chars(at, end, first);
    if (read.ec != std::errc()) break;
    unsigned last = first;
    if (read.ptr != end && *read.ptr == '-') {
      read = std::from_chars(read.ptr + 1, end, last);
      if (read.ec != std::errc()) break;
    }
    for (unsigned cpu = first; cpu <= last && cpu < CPU_SETSIZE; ++cpu) CPU_SET(cpu, &set);
    at = read.ptr != end && *read.ptr == ',' ? read.ptr + 1 : end;
  }
  return set;
}

}  // namespace headrace::storage
