// Memory that rings register, descriptors, huge pages, swap and /dev/shm.
#include <charconv>

#include "headrace/base/sizes.h"
#include "headrace/doctor/checks.h"
#include "headrace/observe/proc_text.h"

namespace headrace::doctor {
namespace {

constexpr uint64_t k_files = 1024;
constexpr uint64_t k_shm_bytes = uint64_t{1} << 30;
constexpr uint64_t k_swappiness = 10;  // the tuned profile throughput-performance
constexpr unsigned k_ipc_lock_bit = 14;

// The soft limit of a line of /proc/self/limits; nothing = unlimited or not there.
std::optional<uint64_t> soft_limit(const std::string& limits, std::string_view name) {
  const auto words = observe::words_of(observe::line_after(limits, name));
  return words.empty() ? std::nullopt : number_in(words[0]);
}

bool may_lock_all(const std::string& status) {
  const std::string_view text = observe::line_after(status, "CapEff");
  uint64_t bits = 0;
  std::from_chars(text.data(), text.data() + text.size(), bits, 16);
  return (bits >> k_ipc_lock_bit & 1) != 0;
}

Judgment judge_locked(const Evidence& evidence) {
  const uint64_t arena_bytes = evidence.situation.use.arena_bytes;
  const auto& probe = evidence.situation.probe;
  // What a ring could register in the probe is the proof; the limit is only its usual cause.
  if (probe && probe->ring.registered) return {.value = "the whole buffer registers"};
  if (!evidence.loaded.number) return {.value = "unlimited"};
  if (evidence.loaded.text == "exempt") {
    return {.value = format_size(*evidence.loaded.number) + ", but CAP_IPC_LOCK exempts from it"};
  }
  Judgment judgment{.value = format_size(*evidence.loaded.number),
                    .want = "at least twice the read buffer of " + format_size(arena_bytes)};
  if (*evidence.loaded.number < 2 * arena_bytes) judgment.weight = Weight::maybe;
  return judgment;
}

Reading read_locked(const Host& host, const Situation&, const std::string&) {
  return {.text = may_lock_all(host.text("/proc/self/status")) ? "exempt" : "",
          .number = soft_limit(host.text("/proc/self/limits"), "Max locked memory")};
}

Judgment judge_files(const Evidence& evidence) {
  if (!evidence.loaded.number) return {.value = "unlimited"};
  const uint64_t limit = *evidence.loaded.number;
  const uint64_t wanted = std::min(evidence.situation.sample.file_count, k_files) * 2 + k_files;
  Judgment judgment{.value = fmt::format("{} files", limit),
                    .want = fmt::format("at least {}", wanted),
                    .commands = {fmt::format("ulimit -n {}", wanted)}};
  if (limit < wanted) judgment.weight = Weight::maybe;
  return judgment;
}

Judgment judge_huge(const Evidence& evidence) {
  const std::string& enabled = evidence.loaded.text;
  const uint64_t reserved = evidence.loaded.number.value_or(0);
  if (reserved > 0) return {.value = fmt::format("{} huge pages reserved", reserved)};
  const size_t open = enabled.find('[');
  const size_t close = enabled.find(']');
  const bool marked = open != enabled.npos && close != enabled.npos && close > open;
  const std::string chosen = marked ? enabled.substr(open + 1, close - open - 1) : "not told";
  if (chosen != "never") return {.value = chosen};
  return {.weight = Weight::maybe,
          .value = chosen,
          .commands = {write_command("madvise", "/sys/kernel/mm/transparent_hugepage/enabled")}};
}

Judgment judge_shm(const Evidence& evidence) {
  const uint64_t size_bytes = evidence.loaded.number.value_or(0);
  if (size_bytes == 0) return {.value = "not there"};
  Judgment judgment{.value = format_size(size_bytes)};
  if (size_bytes < k_shm_bytes) judgment.weight = Weight::told;
  return judgment;
}

// Swap on zram or a disk; the header is one line.
Judgment judge_swap(const Evidence& evidence) {
  const size_t count = observe::lines_of(evidence.loaded.text).size();
  const uint64_t swappiness = evidence.loaded.number.value_or(0);
  if (count <= 1) return {.value = "none"};
  Judgment judgment{.value = fmt::format("{} areas, swappiness {}", count - 1, swappiness)};
  if (swappiness <= k_swappiness) return judgment;
  judgment.weight = Weight::maybe;
  judgment.commands = {"sysctl -w vm.swappiness=10"};
  return judgment;
}

constexpr Check k_memory_checks[] = {
    {.id = "mem.lock",
     .reads = "the probe's ring; Max locked memory in /proc/self/limits, CapEff in "
              "/proc/self/status",
     .want = "room for the read buffer, or CAP_IPC_LOCK",
     .why = "buffers that cannot be registered are pinned and released again for each read",
     .fix = "raise memlock in /etc/security/limits.conf, or --ulimit memlock=-1 of docker run",
     .subjects = whole_machine,
     .read = read_locked,
     .judge = judge_locked},
    {.id = "mem.files",
     .reads = "Max open files in /proc/self/limits",
     .want = "room for the files that are open at a time",
     .why = "files are closed and opened again when descriptors are few",
     .fix = "raise nofile in /etc/security/limits.conf, or ulimit -n",
     .subjects = whole_machine,
     .read =
         [](const Host& host, const Situation&, const std::string&) {
           return Reading{.number = soft_limit(host.text("/proc/self/limits"), "Max open files")};
         },
     .judge = judge_files},
    {.id = "mem.huge",
     .reads = "/sys/kernel/mm/transparent_hugepage/enabled, /proc/sys/vm/nr_hugepages",
     .want = "madvise or always, or huge pages reserved",
     .why = "buffers on small pages take more entries of the TLB and more segments a read",
     .fix = "write madvise into it",
     .subjects = whole_machine,
     .read =
         [](const Host& host, const Situation&, const std::string&) {
           return Reading{.text = host.text("/sys/kernel/mm/transparent_hugepage/enabled"),
                          .number = host.number("/proc/sys/vm/nr_hugepages")};
         },
     .judge = judge_huge},
    {.id = "mem.swap",
     .reads = "/proc/swaps, /proc/sys/vm/swappiness",
     .want = "no swap, or swappiness of 10 or less (tuned's throughput-performance)",
     .why = "a reader that fills the page cache pushes other programs out",
     .fix = "sysctl vm.swappiness=10, or swapoff -a",
     .subjects = whole_machine,
     .read =
         [](const Host& host, const Situation&, const std::string&) {
           return Reading{.text = host.text("/proc/swaps"),
                          .number = host.number("/proc/sys/vm/swappiness")};
         },
     .judge = judge_swap},
    {.id = "mem.shm",
     .reads = "statvfs of /dev/shm",
     .want = "1 GiB or more, for loaders that pass batches between processes",
     .why = "Headrace uses none; torch DataLoader workers beside it end with a bus error in 64 MiB",
     .fix = "--shm-size of docker run, or an emptyDir of medium Memory",
     .subjects = whole_machine,
     .read =
         [](const Host& host, const Situation&, const std::string&) {
           const auto space = host.kernel().space("/dev/shm");
           return Reading{.number = space ? std::optional(space->size_bytes) : std::nullopt};
         },
     .judge = judge_shm},
};

}  // namespace

std::span<const Check> memory_checks() { return k_memory_checks; }

}  // namespace headrace::doctor
