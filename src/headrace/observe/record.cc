// A run's record as JSON. Keys are added at the end of their object and never renamed.
#include "headrace/observe/record.h"

#include <cmath>
#include <nlohmann/json.hpp>

namespace headrace::observe {

namespace {

using Json = nlohmann::ordered_json;

// JSON has no NaN: what is not finite was not measured.
Json number(double value) { return std::isfinite(value) ? Json(value) : Json(nullptr); }
// Queue fills and the like: below zero means not measured.
Json known(double value) { return value >= 0 ? number(value) : Json(nullptr); }

Json json_of(const MachineRecord& machine) {
  return {{"cpu_model", machine.cpu_model},
          {"cores", number(machine.cores)},
          {"memory_bytes", machine.memory_bytes},
          {"kernel", machine.kernel},
          {"file_system", machine.file_system},
          {"device", machine.device},
          {"mount", machine.mount}};
}

Json json_of(const DatasetRecord& dataset) {
  Json blend = Json::array();
  for (const BlendRecord& part : dataset.blend) {
    blend.push_back({{"name", part.name},
                     {"share", number(part.share)},
                     {"samples", part.samples},
                     {"fed", part.fed}});
  }
  return {{"path", dataset.path},   {"format", dataset.format}, {"samples", dataset.samples},
          {"bytes", dataset.bytes}, {"shards", dataset.shards}, {"blend", std::move(blend)},
          {"notes", dataset.notes}};
}

Json json_of(const TotalsRecord& totals) {
  return {
      {"wall_s", number(totals.wall_s)},
      {"steps", totals.steps},
      {"samples", totals.samples},
      {"batch", totals.batch},
      {"samples_per_s",
       totals.wall_s > 0 ? number(static_cast<double>(totals.samples) / totals.wall_s) : Json(0)},
      {"step_target_s", number(totals.step_target_s)},
      {"wait_s", number(totals.wait_s)},
      {"first_batch_s", number(totals.first_batch_s)},
      {"read_bytes", totals.read_bytes},
      {"process_rchar", totals.process_rchar},
      {"process_read_bytes", totals.process_read_bytes},
      {"cpu_user_s", number(totals.cpu_user_s)},
      {"cpu_system_s", number(totals.cpu_system_s)},
      {"peak_rss_bytes", totals.peak_rss_bytes},
      {"open_s", number(totals.open_s)},
      {"compute_s", number(totals.compute_s)},
      {"own_s", number(totals.own_s)}};
}

Json json_of(const StageRecord& stage) {
  return {{"name", stage.name},
          {"pool", stage.pool},
          {"threads", stage.threads},
          {"busy_s", number(stage.busy_s)},
          {"items", stage.items},
          {"capacity_per_s", number(stage.capacity_per_s)},
          {"input_fill", known(stage.input_fill)},
          {"output_fill", known(stage.output_fill)}};
}

Json disks_of(const ReadRecord& reads) {
  Json disks = Json::array();
  for (const DiskRecord& disk : reads.disks) {
    disks.push_back({{"name", disk.name},
                     {"reads", disk.reads},
                     {"bytes", disk.bytes},
                     {"latency_mean_s", number(disk.latency_mean_s)},
                     {"in_flight_mean", number(disk.in_flight_mean)},
                     {"busy_s", number(disk.busy_s)}});
  }
  return disks;
}

Json json_of(const ReadRecord& reads) {
  return {{"engine", reads.engine},
          {"direct", reads.direct},
          {"note", reads.note},
          {"depth", reads.depth},
          {"in_flight_mean", number(reads.in_flight_mean)},
          {"latency_mean_s", number(reads.latency_mean_s)},
          {"reads", reads.reads},
          {"bytes", reads.bytes},
          {"device_bytes", reads.device_bytes},
          {"disks", disks_of(reads)}};
}

Json fields_of(const LinkRecord& link) {
  Json fields = Json::array();
  for (const DeviceField& field : link.fields) {
    fields.push_back({{"name", field.name}, {"device_share", number(field.share)}});
  }
  return fields;
}

Json json_of(const LinkRecord& link) {
  return {{"device", link.device},
          {"copies", link.copies},
          {"bytes", link.bytes},
          {"copy_s", number(link.copy_s)},
          {"measured", link.measured},
          {"idle_s", number(link.idle_s)},
          {"exposed_s", number(link.exposed_s)},
          {"hidden_share", known(link.hidden_share())},
          {"decode_s", number(link.decode_s)},
          {"unpack_s", number(link.unpack_s)},
          {"kernel_s", number(link.kernel_s)},
          {"fields", fields_of(link)},
          {"why_not_on_device", link.why_not}};
}

Json json_of(const Evidence& window) {
  Json stages = Json::array();
  for (const StageRecord& stage : window.stages) stages.push_back(json_of(stage));
  return {{"window_s", number(window.window_s)},
          {"steps", window.steps},
          {"samples", window.samples},
          {"wait_s", number(window.wait_s)},
          {"stages", std::move(stages)},
          {"reads", json_of(window.reads)},
          {"cores", number(window.cores)},
          {"cpu_s", number(window.cpu_s)},
          {"prefetch_batches", window.prefetch_batches},
          {"batch_latency_p50_s", number(window.batch_latency_p50_s)},
          {"batch_latency_p999_s", number(window.batch_latency_p999_s)},
          {"unpacked_folder", window.unpacked_folder},
          {"worker_idle_s", number(window.worker_idle_s)},
          {"link", json_of(window.link)}};
}

Json json_of(const HistogramRecord& histogram) {
  Json buckets = Json::array();
  for (const auto& bucket : histogram.buckets) {
    buckets.push_back({bucket.low_ns, bucket.high_ns, bucket.count});
  }
  return {{"count", histogram.count},   {"sum_ns", histogram.sum_ns},
          {"p50_ns", histogram.p50_ns}, {"p90_ns", histogram.p90_ns},
          {"p99_ns", histogram.p99_ns}, {"p999_ns", histogram.p999_ns},
          {"max_ns", histogram.max_ns}, {"buckets_low_high_count", std::move(buckets)}};
}

Json json_of(const Verdict& verdict) {
  return {{"kind", name_of(verdict.kind)},
          {"stage", verdict.stage},
          {"wait_share", number(verdict.wait_share)},
          {"demand_per_s", number(verdict.demand_per_s)},
          {"supply_per_s", number(verdict.supply_per_s)},
          {"headroom", number(verdict.headroom)},
          {"cpu_bound", verdict.cpu_bound},
          {"sentence", verdict.sentence},
          {"evidence", verdict.evidence},
          {"advice", verdict.advice}};
}

Json intervals_of(const RunRecord& record) {
  Json intervals = Json::array();
  for (const IntervalRecord& interval : record.intervals) {
    intervals.push_back({{"t_s", number(interval.t_s)},
                         {"samples_per_s", number(interval.samples_per_s)},
                         {"wait_share", number(interval.wait_share)},
                         {"read_bytes_per_s", number(interval.read_bytes_per_s)},
                         {"in_flight", number(interval.in_flight)}});
  }
  return intervals;
}

Json skipped_of(const RunRecord& record) {
  Json listed = Json::array();
  for (const SkippedRecord& skipped : record.skipped_listed) {
    listed.push_back({{"key", skipped.key},
                      {"file", skipped.file},
                      {"offset_bytes", skipped.offset_bytes},
                      {"what", skipped.what}});
  }
  return {{"count", record.skipped}, {"listed", std::move(listed)}};
}

}  // namespace

std::string to_json(const RunRecord& record) {
  const Json json = {{"headrace", record.version},
                     {"started", record.started},
                     {"command", record.command},
                     {"verdict", json_of(record.verdict)},
                     {"totals", json_of(record.totals)},
                     {"window", json_of(record.window)},
                     {"dataset", json_of(record.dataset)},
                     {"machine", json_of(record.machine)},
                     {"batch_latency", json_of(record.batch_latency)},
                     {"read_latency", json_of(record.read_latency)},
                     {"intervals", intervals_of(record)},
                     {"skipped", skipped_of(record)},
                     {"job_toml", record.job_toml}};
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace headrace::observe
