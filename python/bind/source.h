// One opened job that a Python loop reads: the data set, the plan, and the loader that runs from
// some place on. Thread safety: one thread at a time; the check of it is an Error, not a lock.
// Invariants: (1) a batch's memory lives as long as the last tensor of it, whatever becomes of this
// object; (2) in a forked child nothing that belongs to the parent's threads is touched.
#pragma once

#include <sys/types.h>

#include <atomic>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "headrace/formats/dataset.h"
#include "headrace/loader/batch_source.h"
#include "headrace/loader/loader.h"
#include "headrace/loader/resident.h"
#include "headrace/loader/snapshot.h"
#include "headrace/observe/process.h"
#include "headrace/observe/trace.h"
#include "headrace/order/batches.h"
#include "headrace/pipeline/job.h"
#include "headrace/pipeline/plan.h"

namespace headrace::python {

class Source {
 public:
  // The job in `text`, changed by the keys in `changes`; both are TOML.
  Source(const std::string& text, const std::string& name, const std::string& changes);
  ~Source();

  // Reads from this place on, epoch after epoch; what ran before ends. `on_device` as the job says,
  // or, to time the loader alone, in host memory.
  void start(uint64_t epoch, uint64_t position, bool on_device);
  void close();
  bool running() const { return batches_ != nullptr; }

  // Without Python's lock for no longer than it takes to look for a signal now and then.
  std::expected<loader::Batch, loader::NoBatch> next_until(uint64_t deadline_ns);
  void read_next_on(shim::CuStream stream);
  const device::Device* device() const { return batches_ ? batches_->device() : nullptr; }

  order::BatchPlan batches(uint64_t position) const;  // of this rank, from a place in an epoch on
  order::State state_at(uint64_t epoch, uint64_t position) const;
  order::State state() const;          // after the last batch
  observe::Evidence evidence() const;  // since start() or the last mark()
  void mark();

  const pipeline::Job& job() const { return job_; }
  // That this process and those that it shares an epoch with read.
  uint64_t sample_count() const { return loader::samples_of(*dataset_, options_).sample_count; }
  uint64_t first_sample() const { return loader::samples_of(*dataset_, options_).first_sample; }
  const pipeline::Plan& plan() const { return plan_; }
  const formats::Dataset& dataset() const { return *dataset_; }
  size_t memory_bytes() const { return batches_ == nullptr ? 0 : loader().memory_bytes(); }
  const loader::Loader& loader() const { return batches_->loader(); }
  // Of each field that the device may make: which part of the latest batch it made.
  std::map<std::string, double> device_shares() const;
  std::string why_not_on_device() const;
  void end_trace();  // shows the file; what comes later is not in it

 private:
  struct Moment {
    loader::Snapshot loader;
    observe::ProcessIo io;
    observe::ProcessUsage usage;
  };
  Moment moment() const;
  void check_process() const;

  pipeline::Job job_;
  std::unique_ptr<formats::Dataset> dataset_;
  pipeline::Plan plan_;
  loader::Options options_;
  std::unique_ptr<loader::Resident> resident_;  // cache = "ram", from the first start on
  std::unique_ptr<observe::Trace> trace_;       // ends behind the loader's threads
  std::unique_ptr<loader::Batches> batches_;
  pid_t process_id_ = 0;  // that started the loader's threads
  std::atomic_flag in_use_;
  Moment marked_;
};

}  // namespace headrace::python
