// Costs are measured by both sides, a batch at a time.
#include "headrace/loader/device_share.h"

#include <algorithm>

namespace headrace::loader {

uint32_t balanced_share(uint32_t before, const RowCosts& costs) {
  if (costs.host_s <= 0 || costs.device_s <= 0) return before;
  const double wanted = k_share_whole * costs.host_s / (costs.host_s + costs.device_s);
  constexpr uint32_t k_least = k_share_whole / 32;
  const auto next = static_cast<uint32_t>((before + wanted) / 2);
  return std::clamp(next, k_least, k_share_whole - k_least);
}

void DeviceShares::note(const DeviceCost& cost, const Stats& stats) {
  const auto of = [&](DeviceStage stage) { return cost.sums[static_cast<size_t>(stage)]; };
  const uint32_t made_count =
      static_cast<uint32_t>(of(DeviceStage::decode).row_count + of(DeviceStage::unpack).row_count);
  if (made_count == 0) return;
  const double host_s = host_row_s(stats);
  if (host_s <= 0) return;
  const uint64_t busy_ns = busy_ns_of(cost.sums) - of(DeviceStage::copy).busy_ns;
  const double device_s = std::max(cost.given_s, static_cast<double>(busy_ns) / 1e9);
  const RowCosts costs{.host_s = host_s, .device_s = device_s / made_count};
  for (size_t index = 0; index < plan_.fields.size(); ++index) {
    Deferral::Field& field = deferral_.fields[index];
    if (field.room_bytes == 0 || plan_.fields[index].place != pipeline::Place::automatic) continue;
    field.share = balanced_share(field.share, costs);
  }
}

double DeviceShares::host_row_s(const Stats& stats) {
  uint64_t ops_ns = 0, row_count = 0;
  for (const WorkerStats& worker : stats.workers) {
    ops_ns += worker.ops_ns();
    row_count += worker.times.items(observe::Stage::decode);
  }
  if (row_count == row_count_) return 0;
  const double passed_s = static_cast<double>(ops_ns - ops_ns_) / 1e9;
  const auto rows = static_cast<double>(row_count - row_count_);
  ops_ns_ = ops_ns;
  row_count_ = row_count;
  return passed_s / rows / static_cast<double>(stats.workers.size());
}

}  // namespace headrace::loader
