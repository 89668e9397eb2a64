// The order of things in a run, and the record of it.
#include "headrace/feed/job_run.h"

#include <algorithm>
#include <ctime>

#include "headrace/base/error.h"
#include "headrace/formats/dataset.h"
#include "headrace/loader/batch_source.h"
#include "headrace/loader/configure.h"
#include "headrace/loader/loader.h"
#include "headrace/loader/resident.h"
#include "headrace/observe/machine.h"
#include "headrace/order/batches.h"
#include "headrace/pipeline/open_dataset.h"
#include "headrace/pipeline/plan.h"
#include "headrace/pipeline/presets.h"

namespace headrace::feed {
namespace {

FeedOptions feed_options(const pipeline::Job& job, uint64_t epoch_samples) {
  const pipeline::DeviceJob& device = job.device;
  const order::BatchPlan epoch({.sample_count = epoch_samples,
                                .batch_size = job.batch.size,
                                .world_size = job.batch.world_size,
                                .rank = job.batch.rank,
                                .last = job.batch.last});
  return {.step_ns = static_cast<uint64_t>(device.step_ms * 1e6),
          .batches_per_step = static_cast<uint32_t>(device.accelerators),
          .step_count = device.steps,
          .expected_steps = device.steps != 0
                                ? device.steps
                                : epoch.batch_count() * job.order.epochs / device.accelerators};
}

std::vector<observe::BlendRecord> blend_of(const pipeline::Job& job, const loader::Options& options,
                                           const loader::Loader& loader) {
  double weight_sum = 0;
  for (const order::BlendPart& part : options.blend) weight_sum += part.weight;
  std::vector<observe::BlendRecord> records;
  for (size_t index = 0; index < options.blend.size(); ++index) {
    const pipeline::BlendJob& blend = job.blend[index];
    const order::BlendPart& part = options.blend[index];
    records.push_back({.name = blend.name.empty() ? pipeline::path_text(blend.paths) : blend.name,
                       .share = part.weight / weight_sum,
                       .samples = part.sample_count,
                       .fed = loader.stats().consumer.part_samples[index]});
  }
  return records;
}

// Of a job that names no fields: what the data set has besides those that were taken for it.
std::vector<std::string> fields_left_out(const pipeline::Plan& plan,
                                         const formats::Dataset& dataset) {
  std::vector<std::string> left_out;
  const std::vector<std::string>& names = dataset.field_names();
  for (uint32_t index = 0; index < names.size(); ++index) {
    const bool is_read = std::ranges::any_of(plan.fields, [&](const pipeline::FieldPlan& field) {
      return std::ranges::find(field.sources, index) != field.sources.end();
    });
    if (!is_read) left_out.push_back(names[index]);
  }
  return left_out;
}

void list_skipped(const loader::Loader& loader, const formats::Dataset& dataset,
                  const pipeline::Plan& plan, observe::RunRecord& record) {
  record.skipped = loader.stats().skipped_count;
  for (const loader::Skipped& skipped : loader.skipped()) {
    if (record.skipped_listed.size() == observe::k_skipped_listed_limit) return;
    std::string what = fmt::format("{}: {}", plan.fields[skipped.field_index].name, skipped.what);
    if (skipped.error_number != 0) what += ": " + text_of_errno(skipped.error_number);
    record.skipped_listed.push_back({.key = dataset.key(skipped.sample_id),
                                     .file = dataset.file(skipped.file_index).path,
                                     .offset_bytes = skipped.offset_bytes,
                                     .what = std::move(what)});
  }
}

}  // namespace

JobRun run_job(pipeline::Job job, const JobRunOptions& run, const Seams& seams) {
  JobRun outcome;
  observe::RunRecord& record = outcome.record;
  record.version = HEADRACE_VERSION;
  record.started = utc_text(std::time(nullptr));
  record.command = run.command_line;
  const std::string path = pipeline::path_text(pipeline::data_paths(job));
  const Start start = Start::now();
  if (run.on_step) run.on_step("opening " + path);
  const auto dataset =
      pipeline::open_dataset(job, {.cache_folder = run.cache_folder, .on_unpack = run.on_unpack});
  const bool is_open = job.fields.empty();
  if (is_open) job.fields = pipeline::fields_of(*dataset);
  record.job_toml = pipeline::write_job(job);
  const pipeline::Plan plan = pipeline::compile(job, *dataset);
  loader::Options options = loader::configure(job, *dataset, loader::this_host());
  if (job.device.steps != 0) options.epoch_count = 0;  // the steps say when it ends
  if (run.make_ring) options.make_ring = run.make_ring;
  std::optional<loader::Resident> resident;
  if (options.in_memory) {
    loader::ResidentOptions preload = loader::resident_options(*dataset, options);
    preload.path = path;
    preload.on_progress = run.on_preload;
    if (run.on_step) {
      run.on_step(options.mapped ? "mapping " + path : "reading " + path + " into memory");
    }
    options.resident = &resident.emplace(*dataset, preload);
  }

  record.machine = observe::read_machine(pipeline::data_paths(job));
  record.dataset = {.path = path,
                    .format = dataset->format(),
                    .samples = dataset->distinct_sample_count(),
                    .bytes = dataset->size_bytes(),
                    .shards = dataset->file_count(),
                    .notes = dataset->notes()};
  if (const auto left_out = fields_left_out(plan, *dataset); is_open && !left_out.empty()) {
    record.dataset.notes.push_back("no fields are named, and these are not fed: " +
                                   pipeline::path_text(left_out));
  }
  const auto batches = loader::make_batches(plan, *dataset, options);
  const loader::Loader& loader = batches->loader();
  const loader::LoaderFacts facts{.workers = options.workers,
                                  .batch_size = options.batch_size,
                                  .direct = options.caching == io::Caching::direct};
  FeedResult result =
      feed(*batches, facts, feed_options(job, loader::samples_of(*dataset, options).sample_count),
           start, seams);
  record.totals = result.totals;
  if (resident) record.totals.read_bytes += resident->read_bytes();
  record.window = std::move(result.window);
  record.window.unpacked_folder = dataset->format() == "image-folder";
  record.intervals = std::move(result.intervals);
  record.batch_latency = std::move(result.batch_latency);
  record.read_latency = std::move(result.read_latency);
  record.dataset.blend = blend_of(job, options, loader);
  list_skipped(loader, *dataset, plan, record);
  record.verdict = observe::judge(record.window);
  outcome.interrupted = result.interrupted;
  return outcome;
}

}  // namespace headrace::feed
