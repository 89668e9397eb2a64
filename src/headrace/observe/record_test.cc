// The JSON's keys are a public interface: a golden text holds them; hostile bytes and NaN do not
// break it.
#include "headrace/observe/record.h"

#include <gtest/gtest.h>

#include <limits>
#include <nlohmann/json.hpp>

#include "headrace/observe/verdict_cases.h"

namespace headrace::observe {
namespace {

using Json = nlohmann::ordered_json;

std::string keys_of(const Json& json) {
  std::string keys;
  for (const auto& [key, value] : json.items()) {
    keys += (keys.empty() ? "" : " ") + key;
    if (value.is_object()) keys += "{" + keys_of(value) + "}";
    if (value.is_array() && !value.empty() && value[0].is_object()) {
      keys += "[" + keys_of(value[0]) + "]";
    }
  }
  return keys;
}

TEST(RunRecord, keeps_its_json_keys) {
  RunRecord record{.window = healthy_evidence(), .intervals = {{.t_s = 1}}};
  record.skipped_listed = {{.key = "a"}};
  record.dataset.blend = {{.name = "a"}};
  record.window.reads.disks = {{.name = "/dev/sda"}};
  record.window.link.fields = {{.name = "image"}};
  EXPECT_EQ(
      keys_of(Json::parse(to_json(record))),
      "headrace started command verdict{kind stage wait_share demand_per_s supply_per_s headroom "
      "cpu_bound sentence evidence advice} totals{wall_s steps samples batch samples_per_s "
      "step_target_s wait_s first_batch_s read_bytes process_rchar process_read_bytes cpu_user_s "
      "cpu_system_s peak_rss_bytes open_s compute_s own_s} window{window_s steps samples wait_s "
      "stages[name pool threads "
      "busy_s items capacity_per_s input_fill output_fill] reads{engine direct note depth "
      "in_flight_mean latency_mean_s reads bytes device_bytes disks[name reads bytes "
      "latency_mean_s in_flight_mean "
      "busy_s]} cores cpu_s prefetch_batches "
      "batch_latency_p50_s batch_latency_p999_s unpacked_folder worker_idle_s link{device copies "
      "bytes copy_s "
      "measured idle_s exposed_s hidden_share decode_s unpack_s kernel_s fields[name device_share] "
      "why_not_on_device}} dataset{path format "
      "samples bytes "
      "shards blend[name share samples fed] notes} machine{cpu_model cores memory_bytes kernel "
      "file_system device mount} "
      "batch_latency{count sum_ns p50_ns p90_ns p99_ns p999_ns max_ns buckets_low_high_count} "
      "read_latency{count sum_ns p50_ns p90_ns p99_ns p999_ns max_ns buckets_low_high_count} "
      "intervals[t_s samples_per_s wait_share read_bytes_per_s in_flight] skipped{count "
      "listed[key file offset_bytes what]} job_toml");
}

TEST(RunRecord, carries_its_values_into_json) {
  RunRecord record{.command = "headrace feed x", .totals = {.wall_s = 2, .samples = 10}};
  record.batch_latency.buckets = {{.low_ns = 1, .high_ns = 2, .count = 3}};
  record.verdict = judge(short_of_decode_evidence());
  const Json json = Json::parse(to_json(record));
  EXPECT_EQ(json["command"], "headrace feed x");
  EXPECT_EQ(json["totals"]["samples_per_s"], 5.0);
  EXPECT_EQ(json["verdict"]["kind"], "short");
  EXPECT_EQ(json["verdict"]["stage"], "decode");
  EXPECT_EQ(json["batch_latency"]["buckets_low_high_count"], Json::parse("[[1,2,3]]"));
}

TEST(RunRecord, writes_null_for_what_is_no_number_or_was_not_measured) {
  RunRecord record;
  record.totals.wait_s = std::numeric_limits<double>::quiet_NaN();
  record.window.stages = {{.name = "decode"}};
  const Json json = Json::parse(to_json(record));
  EXPECT_TRUE(json["totals"]["wait_s"].is_null());
  EXPECT_TRUE(json["window"]["stages"][0]["input_fill"].is_null());
}

TEST(RunRecord, survives_names_that_are_not_utf_8) {
  RunRecord record;
  record.skipped_listed = {{.key = "\xff\xfe\"\n", .file = "a\\b", .what = "\x01"}};
  EXPECT_EQ(Json::parse(to_json(record))["skipped"]["listed"][0]["file"], "a\\b");
}

}  // namespace
}  // namespace headrace::observe
