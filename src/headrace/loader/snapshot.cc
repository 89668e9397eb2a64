// From counters to evidence.
#include "headrace/loader/snapshot.h"

#include <algorithm>

#include "headrace/base/clock.h"
#include "headrace/loader/loader.h"

namespace headrace::loader {
namespace {

using observe::Stage;

double seconds(uint64_t duration_ns) { return static_cast<double>(duration_ns) * 1e-9; }

double ratio(uint64_t part, uint64_t whole) {
  return whole == 0 ? -1 : static_cast<double>(part) / static_cast<double>(whole);
}

constexpr std::array k_device_stages = {DeviceStage::copy, DeviceStage::decode, DeviceStage::unpack,
                                        DeviceStage::kernel};

StageSum sum_between(const DeviceStats& before, const DeviceStats& after, DeviceStage stage) {
  const StageSum& from = before.stages[static_cast<size_t>(stage)];
  const StageSum& to = after.stages[static_cast<size_t>(stage)];
  return {.busy_ns = to.busy_ns - from.busy_ns, .row_count = to.row_count - from.row_count};
}

observe::LinkRecord link_between(const DeviceStats& before, const DeviceStats& after) {
  const auto busy_s = [&](DeviceStage stage) {
    return seconds(sum_between(before, after, stage).busy_ns);
  };
  return {.copies = after.copy_count - before.copy_count,
          .bytes = after.copied_bytes - before.copied_bytes,
          .copy_s = busy_s(DeviceStage::copy),
          .measured = after.measured_count - before.measured_count,
          .idle_s = seconds(after.idle_ns - before.idle_ns),
          .exposed_s = seconds(after.exposed_ns - before.exposed_ns),
          .decode_s = busy_s(DeviceStage::decode),
          .unpack_s = busy_s(DeviceStage::unpack),
          .kernel_s = busy_s(DeviceStage::kernel)};
}

// What the device did in its one stream. Its output queue is full where a batch was there when its
// reader's stream came to it.
void add_device_stages(const Snapshot& before, const Snapshot& after, double ready_fill,
                       observe::Evidence& evidence) {
  const DeviceStats& from = before.device;
  const DeviceStats& to = after.device;
  for (const DeviceStage stage : k_device_stages) {
    const StageSum sum = sum_between(from, to, stage);
    if (stage != DeviceStage::copy && sum.row_count == 0) continue;
    evidence.stages.push_back(
        {.name = name_of(stage),
         .pool = observe::k_device_pool,
         .threads = 1,
         .busy_s = seconds(sum.busy_ns),
         .items = stage == DeviceStage::copy ? evidence.samples : sum.row_count,
         .input_fill = ready_fill,
         .output_fill = ratio(to.in_time_count - from.in_time_count, evidence.link.measured)});
  }
}

std::vector<observe::DeviceField> fields_on_device(const Batches& batches) {
  std::vector<observe::DeviceField> fields;
  const pipeline::Plan& plan = batches.loader().plan();
  for (size_t index = 0; index < plan.fields.size(); ++index) {
    const double share = batches.device_share(index);
    if (share >= 0) fields.push_back({.name = plan.fields[index].name, .share = share});
  }
  return fields;
}

std::vector<observe::DiskRecord> disks_between(const Snapshot& before, const Snapshot& after,
                                               const Loader& loader) {
  const FeederStats& stats = loader.stats().feeder;
  const double window_s = seconds(after.at_ns - before.at_ns);
  std::vector<observe::DiskRecord> disks(stats.disk_count.load(std::memory_order_acquire));
  for (size_t index = 0; index < disks.size(); ++index) {
    const DiskSnapshot& from = before.disks[index];
    const DiskSnapshot& to = after.disks[index];
    const uint64_t read_count = to.read_count - from.read_count;
    const double latency_s = seconds(to.latency_ns - from.latency_ns);
    disks[index] = {
        .name = stats.disks[index].name,
        .reads = read_count,
        .bytes = to.bytes - from.bytes,
        .latency_mean_s = latency_s / static_cast<double>(std::max<uint64_t>(1, read_count)),
        .in_flight_mean = window_s > 0 ? latency_s / window_s : 0,
        .busy_s = seconds(to.busy_ns - from.busy_ns)};
  }
  return disks;
}

}  // namespace

uint64_t waited_ns(const Snapshot& before, const Snapshot& after) {
  return after.device.measured_count > before.device.measured_count
             ? after.device.idle_ns - before.device.idle_ns
             : after.wait_ns - before.wait_ns;
}

Snapshot Snapshot::take(const Batches& batches) {
  const Stats& stats = batches.loader().stats();
  const ConsumerStats& consumer = batches.consumer();
  Snapshot snapshot{.at_ns = steady_now_ns(),
                    .read_count = stats.feeder.read_count,
                    .read_bytes = stats.feeder.arrived_bytes,
                    .read_latency_sum_ns = stats.feeder.read_latency_ns.sum_ns(),
                    .in_flight_ns = stats.feeder.in_flight_ns,
                    .batch_count = consumer.batch_count,
                    .sample_count = consumer.sample_count,
                    .wait_ns = consumer.wait_ns,
                    .made_count = stats.consumer.batch_count,
                    .queued_entries_sum = stats.consumer.queued_entries_sum,
                    .ready_batches_sum = stats.consumer.ready_batches_sum,
                    .device = batches.device_stats()};
  for (size_t index = 0; index < snapshot.disks.size(); ++index) {
    const DiskStats& disk = stats.feeder.disks[index];
    snapshot.disks[index] = {.read_count = disk.read_count,
                             .bytes = disk.arrived_bytes,
                             .latency_ns = disk.latency_ns,
                             .busy_ns = disk.busy_ns};
  }
  for (const WorkerStats& worker : stats.workers) {
    snapshot.worker_idle_ns += worker.idle.total_ns();
    for (size_t stage = 0; stage < observe::k_stage_count; ++stage) {
      snapshot.busy_ns[stage] += worker.times.busy_ns(static_cast<Stage>(stage));
      snapshot.items[stage] += worker.times.items(static_cast<Stage>(stage));
    }
  }
  return snapshot;
}

observe::Evidence evidence_between(const Snapshot& before, const Snapshot& after,
                                   const LoaderFacts& facts, const Batches& batches) {
  const Loader& loader = batches.loader();
  const uint64_t window_ns = after.at_ns - before.at_ns;
  const uint64_t batch_count = after.batch_count - before.batch_count;
  const uint64_t made_count = after.made_count - before.made_count;
  const uint64_t read_count = after.read_count - before.read_count;
  const uint64_t latency_ns = after.read_latency_sum_ns - before.read_latency_sum_ns;
  // Mean fill of the two queues, sampled at each next(): reads for the workers, whole batches for
  // the consumer.
  const double queued = ratio(after.queued_entries_sum - before.queued_entries_sum, made_count);
  const double ready = ratio(after.ready_batches_sum - before.ready_batches_sum, made_count);
  const double queue_fill =
      queued < 0 ? -1 : std::min(1.0, queued / static_cast<double>(loader.queue_capacity()));
  const double ready_fill = ready < 0 ? -1 : std::min(1.0, ready / loader.prefetch_batches());

  const io::RingInfo ring = loader.ring_info();
  observe::Evidence evidence{
      .window_s = seconds(window_ns),
      .steps = batch_count,
      .samples = after.sample_count - before.sample_count,
      .wait_s = seconds(waited_ns(before, after)),
      .prefetch_batches = loader.prefetch_batches(),
      .worker_idle_s =
          seconds(after.worker_idle_ns - std::min(after.worker_idle_ns, before.worker_idle_ns))};
  evidence.stages.push_back({.name = name_of(Stage::storage),
                             .pool = "io",
                             .threads = 1,
                             .busy_s = seconds(after.in_flight_ns - before.in_flight_ns),
                             .items = evidence.samples,
                             .output_fill = queue_fill});
  for (const Stage stage : {Stage::decode, Stage::resize, Stage::other}) {
    const auto index = static_cast<size_t>(stage);
    const uint64_t items = after.items[index] - before.items[index];
    if (items == 0) continue;
    evidence.stages.push_back({.name = name_of(stage),
                               .pool = "workers",
                               .threads = facts.workers,
                               .busy_s = seconds(after.busy_ns[index] - before.busy_ns[index]),
                               .items = items,
                               .input_fill = queue_fill,
                               .output_fill = ready_fill});
  }
  if (const device::Device* device = batches.device()) {
    evidence.link = link_between(before.device, after.device);
    evidence.link.device = device->label();
    evidence.link.fields = fields_on_device(batches);
    evidence.link.why_not = batches.why_not_on_device();
    add_device_stages(before, after, ready_fill, evidence);
  }
  observe::set_capacities(evidence.stages);
  evidence.reads = {.engine = ring.engine,
                    .direct = facts.direct,
                    .note = ring.why_not_better,
                    .depth = ring.depth,
                    .in_flight_mean = window_ns == 0 ? 0 : seconds(latency_ns) / seconds(window_ns),
                    .latency_mean_s = read_count == 0 ? 0 : seconds(latency_ns / read_count),
                    .reads = read_count,
                    .bytes = after.read_bytes - before.read_bytes,
                    .disks = disks_between(before, after, loader)};
  return evidence;
}

}  // namespace headrace::loader
