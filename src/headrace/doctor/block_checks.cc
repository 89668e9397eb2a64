// The queue of each disk on the path: what /sys/class/block/DISK/queue says.
#include "headrace/doctor/checks.h"
#include "headrace/observe/proc_text.h"

namespace headrace::doctor {
namespace {

constexpr uint64_t k_local_readahead_kb = 4096;  // the tuned profile throughput-performance
constexpr uint64_t k_least_tags = 256;
constexpr double k_busy_share = 0.6;
constexpr double k_foreign_share = 0.2;

std::string queue_of(const std::string& disk) { return "/sys/class/block/" + disk + "/queue/"; }

bool is_mechanical(const Situation& situation, const std::string& disk) {
  const Disk* found = disk_of(situation, disk);
  return found != nullptr && found->media == Media::spinning;
}

Subjects quick_disks(const Host& host, const Situation& situation) {
  Subjects names = disks_on_path(host, situation);
  std::erase_if(names, [&](const std::string& name) { return is_mechanical(situation, name); });
  return names;
}

Subjects disks_read_buffered(const Host& host, const Situation& situation) {
  return situation.use.direct ? Subjects{} : disks_on_path(host, situation);
}

// "[none] mq-deadline kyber"
std::string chosen_in(const std::string& schedulers) {
  const size_t open = schedulers.find('[');
  const size_t close = schedulers.find(']', open);
  if (open == schedulers.npos || close == schedulers.npos) return schedulers;
  return schedulers.substr(open + 1, close - open - 1);
}

Judgment judge_scheduler(const Evidence& evidence) {
  const std::string chosen = chosen_in(evidence.loaded.text);
  if (chosen.empty() || chosen == "none") return {.value = chosen.empty() ? "not told" : chosen};
  return {.weight = Weight::maybe,
          .value = chosen,
          .commands = {write_command("none", queue_of(evidence.subject) + "scheduler")}};
}

Judgment judge_readahead(const Evidence& evidence) {
  const uint64_t size_kb = evidence.loaded.number.value_or(0);
  const std::string value = fmt::format("{} KiB", size_kb);
  if (size_kb >= k_local_readahead_kb) return {.value = value};
  return {.weight = Weight::slows,
          .value = value,
          .commands = {write_command("4096", queue_of(evidence.subject) + "read_ahead_kb")}};
}

Judgment judge_largest(const Evidence& evidence) {
  const uint64_t largest_kb = evidence.loaded.number.value_or(0);
  const uint64_t hardware_kb = evidence.loaded.other.value_or(largest_kb);
  const uint64_t wanted_kb = std::min(evidence.situation.use.block_bytes / 1024, hardware_kb);
  const std::string value = fmt::format("{} KiB of {} KiB", largest_kb, hardware_kb);
  if (largest_kb >= wanted_kb) return {.value = value};
  return {.weight = Weight::maybe,
          .value = value,
          .want = fmt::format("at least {} KiB", wanted_kb),
          .commands = {write_command(std::to_string(hardware_kb),
                                     queue_of(evidence.subject) + "max_sectors_kb")}};
}

Judgment judge_depth(const Evidence& evidence) {
  const uint64_t tags = evidence.loaded.number.value_or(0);
  const uint64_t wanted = std::max<uint64_t>(evidence.situation.use.depth, k_least_tags);
  const std::string value = fmt::format("{} requests", tags);
  // A full queue makes the submitting thread sleep: only that slows, and only when it happens.
  if (tags >= evidence.situation.use.depth) return {.value = value};
  return {.weight = Weight::maybe,
          .value = value,
          .want = fmt::format("at least {}", wanted),
          .commands = {
              write_command(std::to_string(wanted), queue_of(evidence.subject) + "nr_requests")}};
}

// Busy shares of interrupts, from the cpu lines of /proc/stat before and near the end of the probe.
struct CpuTimes {
  std::string name = {};
  double interrupts = 0;
  double total = 0;
};
std::vector<CpuTimes> cpu_times_in(const std::string& stat) {
  std::vector<CpuTimes> cpus;
  for (const std::string_view line : observe::lines_of(stat)) {
    const auto words = observe::words_of(line);  // cpu0 user nice system idle iowait irq softirq
    if (words.size() < 8 || !words[0].starts_with("cpu") || words[0] == "cpu") continue;
    CpuTimes times{.name = std::string(words[0])};
    for (size_t i = 1; i < std::min<size_t>(words.size(), 9); ++i) {
      times.total += static_cast<double>(observe::leading_number(words[i]));
    }
    times.interrupts = static_cast<double>(observe::leading_number(words[6])) +
                       static_cast<double>(observe::leading_number(words[7]));
    cpus.push_back(std::move(times));
  }
  return cpus;
}

Judgment judge_interrupts(const Evidence& evidence) {
  if (!evidence.under_load) return {.value = "not judged without a probe"};
  const auto before = cpu_times_in(evidence.before.text);
  const auto loaded = cpu_times_in(evidence.loaded.text);
  double worst = 0;
  std::string name = "no CPU";
  for (size_t i = 0; i < std::min(before.size(), loaded.size()); ++i) {
    const double total = loaded[i].total - before[i].total;
    const double share = total > 0 ? (loaded[i].interrupts - before[i].interrupts) / total : 0;
    if (share > worst) {
      worst = share;
      name = loaded[i].name;
    }
  }
  Judgment judgment{.value = fmt::format("{} spent {:.0f} % in interrupts", name, worst * 100)};
  if (worst < k_busy_share) return judgment;
  judgment.weight = Weight::maybe;
  for (const Disk& disk : evidence.situation.path.disks) {
    judgment.commands.push_back(write_command("2", queue_of(disk.name) + "rq_affinity"));
  }
  return judgment;
}

Judgment judge_media(const Evidence& evidence) {
  const Disk* disk = disk_of(evidence.situation, evidence.subject);
  if (!is_mechanical(evidence.situation, evidence.subject)) {
    return {.value = disk == nullptr ? "unknown" : name_of(disk->media)};
  }
  return {.weight = Weight::told, .value = "spinning"};
}

// Sectors read since the start, the third field of the disk's stat, against what this process read.
Judgment judge_others(const Evidence& evidence) {
  const auto sectors = [](const Reading& reading) {
    const auto words = observe::words_of(reading.text);
    return words.size() > 2 ? observe::leading_number(words[2]) : 0;
  };
  const uint64_t own_bytes =
      (evidence.loaded.number.value_or(0) - evidence.before.number.value_or(0)) /
      evidence.situation.path.disks.size();
  if (!evidence.under_load || own_bytes == 0) return {.value = "not judged without a probe"};
  const double all_bytes =
      static_cast<double>(sectors(evidence.loaded) - sectors(evidence.before)) * 512;
  const double share = std::max(0.0, all_bytes / static_cast<double>(own_bytes) - 1);
  return {.weight = share > k_foreign_share ? Weight::maybe : Weight::fine,
          .value = fmt::format("others read {:.0f} % of what the probe read", share * 100)};
}

constexpr Check k_block_checks[] = {
    {.id = "blk.media",
     .reads = "the disk's name, model and /sys/class/block/DISK/queue/rotational",
     .want = "no spinning disk under random reads",
     .why = "a head that moves gives some hundred reads a second",
     .fix = "pack into shards and set order.shuffle = \"window\", or copy to a solid-state disk",
     .subjects = disks_on_path,
     .read = [](const Host&, const Situation&, const std::string&) { return Reading{}; },
     .judge = judge_media},
    {.id = "blk.scheduler",
     .reads = "/sys/class/block/DISK/queue/scheduler",
     .want = "none on NVMe, virtual and other quick disks",
     .why = "a scheduler takes a lock for each read, which counts from some 100,000 a second",
     .fix = "write none into it, and keep it by a udev rule",
     .subjects = quick_disks,
     .read =
         [](const Host& host, const Situation&, const std::string& disk) {
           return Reading{.text = host.text(queue_of(disk) + "scheduler")};
         },
     .judge = judge_scheduler},
    {.id = "blk.readahead",
     .reads = "/sys/class/block/DISK/queue/read_ahead_kb, when reads go through the page cache",
     .want = "at least 4096 KiB (tuned's throughput-performance)",
     .why = "the page cache asks the disk for no more than this at a time",
     .fix = "write 4096 into it; direct reads (--cache direct) do not need it",
     .subjects = disks_read_buffered,
     .read =
         [](const Host& host, const Situation&, const std::string& disk) {
           return Reading{.number = host.number(queue_of(disk) + "read_ahead_kb")};
         },
     .judge = judge_readahead},
    {.id = "blk.max_io",
     .reads = "/sys/class/block/DISK/queue/{max_sectors_kb,max_hw_sectors_kb}",
     .want = "at least one block",
     .why = "a larger read is split, and each part takes a request of its own",
     .fix = "write what the hardware allows into max_sectors_kb",
     .subjects = disks_on_path,
     .read =
         [](const Host& host, const Situation&, const std::string& disk) {
           return Reading{.number = host.number(queue_of(disk) + "max_sectors_kb"),
                          .other = host.number(queue_of(disk) + "max_hw_sectors_kb")};
         },
     .judge = judge_largest},
    {.id = "blk.depth",
     .reads = "/sys/class/block/DISK/queue/nr_requests",
     .want = "at least the reads in flight",
     .why = "the thread that submits sleeps while the queue is full",
     .fix = "write at least 256 into it, or lower loader.depth",
     .subjects = disks_on_path,
     .read =
         [](const Host& host, const Situation&, const std::string& disk) {
           return Reading{.number = host.number(queue_of(disk) + "nr_requests")};
         },
     .judge = judge_depth},
    {.id = "blk.irq",
     .reads = "/proc/stat before and during the probe",
     .want = "no CPU busy with interrupts for more than 60 % of the time",
     .why = "one CPU that completes for all others holds all of them up",
     .fix = "write 2 into rq_affinity, so that each read completes where it was submitted",
     .subjects = [](const Host&, const Situation& situation) -> Subjects {
       return situation.path.disks.empty() ? Subjects{} : Subjects{""};
     },
     .read = [](const Host& host, const Situation&,
                const std::string&) { return Reading{.text = host.text("/proc/stat")}; },
     .judge = judge_interrupts},
    {.id = "blk.others",
     .reads = "/sys/class/block/DISK/stat and /proc/self/io before and during the probe",
     .want = "no one else reading much",
     .why = "what others read is missing here",
     .fix = "find who reads (iotop, pidstat -d), and measure again when they are done",
     .subjects = disks_on_path,
     .read =
         [](const Host& host, const Situation&, const std::string& disk) {
           return Reading{.text = host.text("/sys/class/block/" + disk + "/stat"),
                          .number = observe::leading_number(
                              observe::line_after(host.text("/proc/self/io"), "read_bytes"))};
         },
     .judge = judge_others},
};

}  // namespace

std::span<const Check> block_checks() { return k_block_checks; }

}  // namespace headrace::doctor
