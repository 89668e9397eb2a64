// Opens once, starts as often as a loop begins anew.
#include "source.h"

#include <nanobind/nanobind.h>
#include <unistd.h>

#include "headrace/base/error.h"
#include "headrace/cli/bus_fault.h"
#include "headrace/cli/bytes_at_start.h"
#include "headrace/loader/configure.h"
#include "headrace/observe/machine.h"
#include "headrace/pipeline/open_dataset.h"
#include "headrace/pipeline/presets.h"

namespace nb = nanobind;

namespace headrace::python {
namespace {

Error forked() {
  return Error({.code = Code::unsupported,
                .action = "cannot read batches in a forked process",
                .cause = "a loader's threads stay in the process that started it",
                .hint = "make the loader in the child, or use the start method \"spawn\""});
}

Error shared() {
  return Error({.code = Code::unsupported,
                .action = "cannot read batches from two threads at once",
                .cause = "another thread waits in this loader",
                .hint = "take batches in one thread and hand them on"});
}

// What has to be unpacked first is told on standard error, from two seconds on. Ctrl-C ends it.
std::unique_ptr<formats::Dataset> open_shown(const pipeline::Job& job) {
  cli::BytesAtStart unpacking("unpacking", false, {});
  const auto tell = [&](uint64_t done_bytes, uint64_t total_bytes) {
    const nb::gil_scoped_acquire held;
    if (PyErr_CheckSignals() != 0) throw nb::python_error();
    return unpacking(done_bytes, total_bytes);
  };
  return pipeline::open_dataset(job, {.on_unpack = tell});
}

// Held while the loader is used; the second user is told so.
class Turn {
 public:
  explicit Turn(std::atomic_flag& flag) : flag_(flag) {
    if (flag.test_and_set(std::memory_order_acquire)) throw shared();
  }
  Turn(Turn&&) = delete;
  ~Turn() { flag_.clear(std::memory_order_release); }

 private:
  std::atomic_flag& flag_;
};

pipeline::Plan compiled(pipeline::Job& job, const formats::Dataset& dataset) {
  if (job.fields.empty()) job.fields = pipeline::fields_of(dataset);
  return pipeline::compile(job, dataset);
}

loader::Options configured(const pipeline::Job& job, const formats::Dataset& dataset) {
  loader::Options options = loader::configure(job, dataset, loader::this_host());
  options.epoch_count = 0;  // the trainer's loop says when it ends
  return options;
}

}  // namespace

Source::Source(const std::string& text, const std::string& name, const std::string& changes)
    : job_(pipeline::parse_job(changes, "the arguments", pipeline::parse_job(text, name))),
      dataset_(open_shown(job_)),
      plan_(compiled(job_, *dataset_)),
      options_(configured(job_, *dataset_)) {}

Source::~Source() {
  // The threads are the parent's: joining them in a child would wait for ever.
  if (process_id_ == ::getpid()) return;
  static_cast<void>(batches_.release());
  static_cast<void>(trace_.release());
}

void Source::start(uint64_t epoch, uint64_t position, bool on_device) {
  check_process();
  const Turn turn(in_use_);
  batches_.reset();
  // What was cold when the job was opened may lie in memory by now.
  if (!options_.in_memory) options_ = configured(job_, *dataset_);
  if (options_.mapped) cli::report_bus_faults();
  if (options_.in_memory && resident_ == nullptr) {
    loader::ResidentOptions preload = loader::resident_options(*dataset_, options_);
    preload.path = pipeline::path_text(pipeline::data_paths(job_));
    resident_ = std::make_unique<loader::Resident>(*dataset_, preload);
    options_.resident = resident_.get();
  }
  if (trace_ == nullptr && !job_.observe.trace.empty()) {
    trace_ = std::make_unique<observe::Trace>(
        observe::TraceOptions{.path = job_.observe.trace, .version = HEADRACE_VERSION});
    options_.trace = trace_.get();
  }
  options_.first_epoch = epoch;
  options_.first_position = position;
  loader::Options options = options_;
  if (!on_device) options.device.reset();
  batches_ = loader::make_batches(plan_, *dataset_, options);
  process_id_ = ::getpid();
  marked_ = moment();
}

std::map<std::string, double> Source::device_shares() const {
  std::map<std::string, double> shares;
  for (size_t index = 0; batches_ != nullptr && index < plan_.fields.size(); ++index) {
    const double share = batches_->device_share(index);
    if (share >= 0) shares[plan_.fields[index].name] = share;
  }
  return shares;
}

std::string Source::why_not_on_device() const {
  return batches_ == nullptr ? "" : batches_->why_not_on_device();
}

void Source::end_trace() {
  if (trace_ != nullptr && process_id_ == ::getpid()) trace_->end();
}

void Source::close() {
  check_process();
  const Turn turn(in_use_);
  batches_.reset();
  if (trace_ != nullptr) trace_->end();
}

std::expected<loader::Batch, loader::NoBatch> Source::next_until(uint64_t deadline_ns) {
  check_process();
  const Turn turn(in_use_);
  if (batches_ == nullptr) return std::unexpected(loader::NoBatch::end);
  return batches_->next_until(deadline_ns);
}

void Source::read_next_on(shim::CuStream stream) {
  check_process();
  const Turn turn(in_use_);
  if (batches_ != nullptr) batches_->read_next_on(stream);
}

order::BatchPlan Source::batches(uint64_t position) const {
  return order::BatchPlan({.sample_count = sample_count(),
                           .batch_size = options_.batch_size,
                           .world_size = options_.world_size,
                           .rank = options_.rank,
                           .last = options_.last_batch,
                           .start_position = position});
}

order::State Source::state_at(uint64_t epoch, uint64_t position) const {
  order::State state = loader::state_of(options_, dataset_->fingerprint(), plan_.hash);
  state.epoch = epoch;
  state.position = position;
  return state;
}

order::State Source::state() const {
  return batches_ == nullptr ? state_at(0, 0) : batches_->state();
}

void Source::mark() {
  if (batches_ != nullptr) marked_ = moment();
}

observe::Evidence Source::evidence() const {
  if (batches_ == nullptr) return {};
  const Moment now = moment();
  const loader::LoaderFacts facts{.workers = options_.workers,
                                  .batch_size = options_.batch_size,
                                  .direct = options_.caching == io::Caching::direct};
  observe::Evidence evidence =
      loader::evidence_between(marked_.loader, now.loader, facts, *batches_);
  const auto cpu_s = [](const Moment& moment) {
    return moment.usage.cpu_user_s + moment.usage.cpu_system_s;
  };
  evidence.cores = observe::usable_cores();
  evidence.cpu_s = cpu_s(now) - cpu_s(marked_);
  evidence.reads.device_bytes = now.io.read_bytes - marked_.io.read_bytes;
  evidence.unpacked_folder = dataset_->format() == "image-folder";
  return evidence;
}

Source::Moment Source::moment() const {
  return {.loader = loader::Snapshot::take(*batches_),
          .io = observe::read_process_io(),
          .usage = observe::read_process_usage()};
}

void Source::check_process() const {
  if (batches_ != nullptr && process_id_ != ::getpid()) throw forked();
}

}  // namespace headrace::python
