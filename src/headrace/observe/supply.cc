// Capacities by pool, the storage by Little's law, and where the queues point.
#include "headrace/observe/supply.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "headrace/observe/slow_disk.h"

namespace headrace::observe {

namespace {

// The consumer that works less than this share of the window is one that takes batches as they
// come.
constexpr double k_unpaced_share = 0.01;

double fill_of(double fill) { return std::isfinite(fill) && fill >= 0 ? std::min(fill, 1.0) : -1; }

std::string shares_of(const std::vector<const StageRecord*>& stages, double busy_s) {
  std::string text;
  for (const StageRecord* stage : stages) {
    text += fmt::format("{}{} {:.0f} %", text.empty() ? "" : ", ", stage->name,
                        100 * ratio(stage->busy_s, busy_s));
  }
  return text;
}

Supply pool_supply(std::vector<const StageRecord*> stages, double window_s) {
  Supply supply{.threads = stages.front()->threads,
                .input_fill = fill_of(stages.front()->input_fill),
                .output_fill = fill_of(stages.back()->output_fill)};
  double busy_s = 0;
  uint64_t items = 0;
  for (const StageRecord* stage : stages) {
    busy_s += std::max(0.0, stage->busy_s);
    items = std::max(items, stage->items);
  }
  std::ranges::stable_sort(stages, [](auto* a, auto* b) { return a->busy_s > b->busy_s; });
  supply.stage = stages.front()->name;
  supply.shares = shares_of(stages, busy_s);
  supply.top_share = ratio(stages.front()->busy_s, busy_s);
  supply.sample_s = ratio(busy_s, static_cast<double>(items));
  supply.capacity_per_s = ratio(supply.threads, supply.sample_s);
  supply.busy_share = std::min(1.0, ratio(busy_s, supply.threads * window_s));
  return supply;
}

// Storage that nothing holds back (its output queue is empty, and the workers behind it are not
// stopped by a full one) shows its capacity: what it delivers. Held back, it is credited with a
// full queue at the latency of now, which is an upper bound.
Supply storage_supply(const Evidence& evidence, const StageRecord& stage, const StageRecord& next) {
  const ReadRecord& reads = evidence.reads;
  Supply supply{.stage = stage.name, .is_storage = true, .threads = reads.depth};
  supply.output_fill = fill_of(stage.output_fill);
  if (supply.output_fill < 0) supply.output_fill = fill_of(next.input_fill);
  // What the other disks brought waits for what the slow one has to bring.
  if (slow_disk_of(evidence) != nullptr) supply.empty_fill = k_full;
  supply.busy_share = std::min(1.0, ratio(reads.in_flight_mean, reads.depth));
  supply.input_fill = supply.busy_share;
  supply.sample_s = ratio(stage.busy_s, static_cast<double>(stage.items));
  if (reads.depth == 0)
    return supply;  // all is in memory: nothing reads, so nothing is short of it
  const double rate = ratio(static_cast<double>(stage.items), evidence.window_s);
  const double reads_per_s = ratio(static_cast<double>(reads.reads), evidence.window_s);
  const double could = ratio(reads.depth, reads.latency_mean_s) * ratio(rate, reads_per_s);
  const bool free_running = supply.output_fill >= 0 && supply.output_fill <= supply.empty_fill &&
                            fill_of(next.output_fill) < k_full;
  supply.capacity_per_s = free_running ? rate : std::max(rate, could);
  return supply;
}

bool holds_up(const Supply& supply) {
  if (supply.output_fill < 0 || supply.output_fill > supply.empty_fill) return false;
  return supply.is_storage ? supply.threads > 0 : supply.input_fill >= k_full;
}

}  // namespace

double ratio(double numerator, double denominator) {
  if (!(numerator > 0) || !(denominator > 0)) return 0;
  const double value = numerator / denominator;
  return std::isfinite(value) ? value : 0;
}

std::vector<Supply> supplies_of(const Evidence& evidence) {
  std::vector<Supply> supplies;
  const auto& stages = evidence.stages;
  for (size_t i = 0; i < stages.size();) {
    size_t end = i + 1;
    while (end < stages.size() && stages[end].pool == stages[i].pool) ++end;
    std::vector<const StageRecord*> pool;
    for (size_t k = i; k < end; ++k) pool.push_back(&stages[k]);
    if (stages[i].name == "storage") {
      const StageRecord next = end < stages.size() ? stages[end] : StageRecord{};
      supplies.push_back(storage_supply(evidence, stages[i], next));
    } else if (stages[i].name != "consumer") {
      supplies.push_back(pool_supply(std::move(pool), evidence.window_s));
      supplies.back().is_device = stages[i].pool == k_device_pool;
    }
    i = end;
  }
  return supplies;
}

const Supply* tightest_of(const std::vector<Supply>& supplies) {
  const Supply* tightest = nullptr;
  for (const Supply& supply : supplies) {
    if (supply.capacity_per_s <= 0) continue;
    if (!tightest || supply.capacity_per_s < tightest->capacity_per_s) tightest = &supply;
  }
  return tightest;
}

const Supply* queue_suspect_of(const std::vector<Supply>& supplies) {
  const Supply* suspect = nullptr;  // the last one: what is before it has filled its queue
  for (const Supply& supply : supplies) {
    if (holds_up(supply)) suspect = &supply;
  }
  return suspect;
}

double core_capacity_per_s(const Evidence& evidence) {
  return ratio(evidence.cores * static_cast<double>(evidence.samples), evidence.cpu_s);
}

double demand_per_s(const Evidence& evidence) {
  const double work_s = evidence.window_s - std::max(0.0, evidence.wait_s);
  if (work_s < k_unpaced_share * evidence.window_s) return 0;
  return ratio(static_cast<double>(evidence.samples), work_s);
}

double LinkRecord::hidden_share() const {
  if (measured == 0 || copies == 0 || !(work_s() > 0)) return -1;
  // What was watched stands for all batches.
  const double watched_s = work_s() * static_cast<double>(measured) / static_cast<double>(copies);
  return std::clamp(1 - ratio(exposed_s, watched_s), 0.0, 1.0);
}

void set_capacities(std::vector<StageRecord>& stages) {
  for (StageRecord& stage : stages) {
    stage.capacity_per_s =
        ratio(static_cast<double>(stage.threads) * static_cast<double>(stage.items), stage.busy_s);
  }
}

}  // namespace headrace::observe
