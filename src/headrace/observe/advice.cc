// Evidence and advice, one sentence each.
#include "headrace/observe/advice.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "headrace/base/sizes.h"
#include "headrace/observe/slow_disk.h"

namespace headrace::observe {

namespace {

constexpr double k_margin = 1.2;  // threads over the bare need
constexpr double k_full_queue =
    0.9;  // in flight / depth above which the device, not we, is asked for more
constexpr double k_free_cores = 0.5;  // cores left idle that are worth a thread

uint64_t whole(double value) {
  return static_cast<uint64_t>(std::ceil(std::clamp(value, 0.0, 1e9)));
}

std::string pool_line(const Supply& supply) {
  std::string line =
      fmt::format("{}: {} thread{}, {} busy ({}); {} a sample, so at most {}", supply.stage,
                  supply.threads, supply.threads == 1 ? "" : "s", percent_text(supply.busy_share),
                  supply.shares, seconds_text(supply.sample_s), rate_text(supply.capacity_per_s));
  if (supply.input_fill >= 0) {
    line += fmt::format("; input queue {} full", percent_text(supply.input_fill));
  }
  if (supply.output_fill >= 0) {
    line += fmt::format("; output queue {} full", percent_text(supply.output_fill));
  }
  return line + ".";
}

std::string storage_line(const Evidence& evidence, const Supply& supply) {
  const ReadRecord& reads = evidence.reads;
  const double reads_per_s = ratio(static_cast<double>(reads.reads), evidence.window_s);
  const double bytes_per_s = ratio(static_cast<double>(reads.bytes), evidence.window_s);
  std::string line =
      fmt::format("{}: {}, {:.0f} reads/s x {} = {:.1f} in flight of {}", supply.stage,
                  bytes_rate_text(bytes_per_s), reads_per_s, seconds_text(reads.latency_mean_s),
                  std::max(0.0, reads.in_flight_mean), reads.depth);
  if (supply.output_fill >= 0) {
    line += fmt::format("; output queue {} full", percent_text(supply.output_fill));
  }
  return line + ".";
}

// What the link did, and whose the reader's waits are.
std::string link_line(const Evidence& evidence, const Supply& supply) {
  const LinkRecord& link = evidence.link;
  std::string line = fmt::format(
      "{}: {} copied at {}, {} busy; {} a sample, so at most {}", supply.stage,
      format_size(link.bytes), bytes_rate_text(ratio(static_cast<double>(link.bytes), link.copy_s)),
      percent_text(supply.busy_share), seconds_text(supply.sample_s),
      rate_text(supply.capacity_per_s));
  if (const double hidden = link.hidden_share(); hidden >= 0) {
    line +=
        fmt::format("; {} of the copies' time is behind the device's work", percent_text(hidden));
  }
  return line + ".";
}

std::string idle_line(const Evidence& evidence) {
  const LinkRecord& link = evidence.link;
  const auto share = [&](double idle_s) { return percent_text(ratio(idle_s, evidence.window_s)); };
  return fmt::format(
      "{}: idle for data {} of the time: {} behind copies, {} for batches that were "
      "not made yet.",
      link.device, share(link.idle_s), share(link.exposed_s),
      share(std::max(0.0, link.idle_s - link.exposed_s)));
}

void advise_link(const Evidence& evidence, const Verdict& verdict,
                 std::vector<std::string>& lines) {
  const LinkRecord& link = evidence.link;
  const double sample_bytes =
      ratio(static_cast<double>(link.bytes), static_cast<double>(evidence.samples));
  const double bytes_per_s = ratio(static_cast<double>(link.bytes), link.copy_s);
  lines.push_back(fmt::format(
      "A sample is {} as it is copied, and the link moves {}. Send pictures as uint8 (type = "
      "\"uint8\", normalize = \"none\") and widen them on the device: a quarter of float32.",
      format_size(static_cast<uint64_t>(std::clamp(sample_bytes, 0.0, 1e18))),
      bytes_rate_text(bytes_per_s)));
  if (verdict.demand_per_s > 0) {
    lines.push_back(fmt::format("The demand needs {} of the link.",
                                bytes_rate_text(verdict.demand_per_s * sample_bytes)));
  }
  lines.push_back(
      "nvidia-smi --query-gpu=pcie.link.gen.current,pcie.link.width.current --format=csv under "
      "load shows a link that is narrower than its slot.");
}

// Of several, each by itself: their mean tells nothing.
void add_disks(const Evidence& evidence, std::vector<std::string>& lines) {
  if (evidence.reads.disks.size() < 2) return;
  for (const DiskRecord& disk : evidence.reads.disks) {
    lines.push_back(fmt::format("disk {}.", disk_text(disk, evidence)));
  }
}

void advise_storage(const Evidence& evidence, const Supply& supply, double wanted_per_s,
                    std::vector<std::string>& lines) {
  const ReadRecord& reads = evidence.reads;
  const double reads_per_sample =
      ratio(static_cast<double>(reads.reads), static_cast<double>(evidence.samples));
  if (evidence.unpacked_folder) {
    lines.push_back(
        "Pack the folder (headrace pack): one file a sample costs an open and a lookup each, "
        "shards cost neither.");
  }
  if (const DiskRecord* slow = slow_disk_of(evidence)) {
    lines.push_back(slow_disk_advice(*slow, evidence));
    return;
  }
  if (supply.busy_share >= k_full_queue) {
    lines.push_back(
        fmt::format("The queue of {} reads is full, so storage is the limit, not the submitting. "
                    "Try depth = {}: "
                    "if bytes/s do not rise, the device gives no more.",
                    reads.depth, uint64_t{reads.depth} * 2));
    return;
  }
  const double needed = wanted_per_s * reads_per_sample * reads.latency_mean_s;
  if (needed > 0) {
    lines.push_back(fmt::format(
        "Only {:.1f} of {} reads are in flight; the demand needs {:.0f} (latency x reads/s). "
        "Raise prefetch_batches (now {}) so that more can be asked for ahead.",
        std::max(0.0, reads.in_flight_mean), reads.depth, std::ceil(needed),
        evidence.prefetch_batches));
    return;
  }
  lines.push_back(
      fmt::format("Only {:.1f} of {} reads are in flight: we submit too slowly. Raise "
                  "prefetch_batches (now {}).",
                  std::max(0.0, reads.in_flight_mean), reads.depth, evidence.prefetch_batches));
}

void advise_cpu_bound(const Evidence& evidence, const Verdict& verdict,
                      std::vector<std::string>& lines) {
  const double cores_per_s = core_capacity_per_s(evidence);
  std::string line = fmt::format("More workers will not help: {:.3g} cores carry at most {}.",
                                 evidence.cores, rate_text(cores_per_s));
  if (verdict.demand_per_s > 0) {
    line += fmt::format(" The demand needs {} cores, or a step {:.2f} times as long.",
                        whole(evidence.cores * ratio(verdict.demand_per_s, cores_per_s)),
                        std::max(1.0, ratio(verdict.demand_per_s, cores_per_s)));
  }
  lines.push_back(line);
}

void advise_workers(const Evidence& evidence, const Supply& supply, const Verdict& verdict,
                    std::vector<std::string>& lines) {
  const double used = ratio(evidence.cpu_s, evidence.window_s);
  const double idle = evidence.cores - used;
  if (evidence.cores > 0 && evidence.cpu_s > 0 && idle < k_free_cores) {
    return advise_cpu_bound(evidence, verdict, lines);
  }
  const uint64_t needed = whole(k_margin * verdict.demand_per_s * supply.sample_s);
  const uint64_t spare = std::max<uint64_t>(1, static_cast<uint64_t>(std::max(0.0, idle)));
  const uint64_t could = supply.threads + spare;
  const bool enough = needed > supply.threads && needed <= could;
  const uint64_t workers = enough ? needed : could;
  lines.push_back(
      fmt::format("Set workers = {} (now {}): at {} a sample they would carry about {}.", workers,
                  supply.threads, seconds_text(supply.sample_s),
                  rate_text(ratio(static_cast<double>(workers), supply.sample_s))));
  if (needed > could && evidence.cores > 0) {
    lines.push_back(
        fmt::format("The whole demand needs {} workers; {:.1f} of {:.3g} cores are idle.", needed,
                    std::max(0.0, idle), evidence.cores));
  }
}

void advise_stage(const Supply& supply, std::vector<std::string>& lines) {
  if (supply.stage == "decode") {
    lines.push_back(fmt::format(
        "Decode is {} of the workers' time. Packed with --recode lossless, JPEG decode skips what "
        "the crop leaves out; smaller stored pictures cost less still.",
        percent_text(supply.top_share)));
  } else if (supply.stage == "resize") {
    lines.push_back(fmt::format(
        "Resize is {} of the workers' time: store pictures nearer to the size that is trained on.",
        percent_text(supply.top_share)));
  } else if (supply.stage == "other") {
    lines.push_back(
        fmt::format("Operators other than decode and resize are {} of the workers' time: look at "
                    "the chain of the job's fields.",
                    percent_text(supply.top_share)));
  }
}

void advise_bursts(const Evidence& evidence, const Verdict& verdict,
                   std::vector<std::string>& lines) {
  const uint64_t wanted = prefetch_for_bursts(evidence, verdict.demand_per_s);
  if (wanted > evidence.prefetch_batches) {
    lines.push_back(fmt::format(
        "Set prefetch_batches = {} (now {}): the slowest of 1,000 batches took {}, the median {}.",
        wanted, evidence.prefetch_batches, seconds_text(evidence.batch_latency_p999_s),
        seconds_text(evidence.batch_latency_p50_s)));
  }
  lines.push_back(fmt::format("Run longer than {} steps: what is steady then shows itself.",
                              std::max<uint64_t>(evidence.steps, 200)));
}

}  // namespace

std::string seconds_text(double seconds) {
  if (!(seconds > 0)) return "0 s";
  return format_duration(static_cast<uint64_t>(std::min(seconds, 1e9) * 1e9));
}

std::string bytes_rate_text(double bytes_per_s) {
  return format_size(bytes_per_s > 0 ? static_cast<uint64_t>(std::min(bytes_per_s, 1e18)) : 0) +
         "/s";
}

std::string rate_text(double samples_per_s) {
  if (samples_per_s < 10) return fmt::format("{:.2g} samples/s", std::max(0.0, samples_per_s));
  return format_count(static_cast<uint64_t>(std::llround(std::min(samples_per_s, 1e15)))) +
         " samples/s";
}

std::string percent_text(double share) {
  if (!(share >= 0)) return "?";
  const double percent = 100 * share;
  return percent < 9.95 ? fmt::format("{:.1f} %", percent) : fmt::format("{:.0f} %", percent);
}

uint64_t prefetch_for_bursts(const Evidence& evidence, double demand_per_s) {
  const double batch =
      ratio(static_cast<double>(evidence.samples), static_cast<double>(evidence.steps));
  const double late_s = evidence.batch_latency_p999_s - evidence.batch_latency_p50_s;
  return whole(ratio(demand_per_s, batch) * std::max(0.0, late_s)) + 2;
}

std::vector<std::string> evidence_lines(const Evidence& evidence,
                                        const std::vector<Supply>& supplies,
                                        const Verdict& verdict) {
  std::vector<std::string> lines;
  lines.push_back(
      fmt::format("consumer: waited {} of {} over {} ({}); delivered {}.",
                  seconds_text(evidence.wait_s), seconds_text(evidence.window_s),
                  counted(evidence.steps, "step"), percent_text(verdict.wait_share),
                  rate_text(ratio(static_cast<double>(evidence.samples), evidence.window_s))));
  for (const Supply& supply : supplies) {
    lines.push_back(supply.is_storage ? storage_line(evidence, supply)
                    : supply.is_link  ? link_line(evidence, supply)
                                      : pool_line(supply));
    if (supply.is_storage) add_disks(evidence, lines);
  }
  if (evidence.link.measured > 0) lines.push_back(idle_line(evidence));
  const double cores_per_s = core_capacity_per_s(evidence);
  if (cores_per_s > 0) {
    lines.push_back(fmt::format("cores: {:.2f} of {:.3g} busy; all busy they carry {}.",
                                ratio(evidence.cpu_s, evidence.window_s), evidence.cores,
                                rate_text(cores_per_s)));
  }
  return lines;
}

std::vector<std::string> advice_lines(const Evidence& evidence, const std::vector<Supply>& supplies,
                                      const Verdict& verdict) {
  std::vector<std::string> lines;
  if (verdict.kind == VerdictKind::unsure) advise_bursts(evidence, verdict, lines);
  if (verdict.kind != VerdictKind::short_of) {
    if (verdict.kind == VerdictKind::fed) lines.push_back("Nothing: the loader keeps up.");
    return lines;
  }
  for (const Supply& supply : supplies) {
    if (supply.stage != verdict.stage) continue;
    if (supply.is_link) {
      advise_link(evidence, verdict, lines);
    } else if (supply.is_storage) {
      advise_storage(evidence, supply, verdict.demand_per_s, lines);
    } else {
      advise_workers(evidence, supply, verdict, lines);
      advise_stage(supply, lines);
    }
  }
  return lines;
}

}  // namespace headrace::observe
