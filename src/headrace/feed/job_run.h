// A job from headrace.toml run to its record: opens the data set, compiles the plan, feeds, judges.
// Thread safety: one thread; on_tick is called on it.
#pragma once

#include <functional>
#include <stop_token>
#include <string>

#include "headrace/feed/feed.h"
#include "headrace/loader/options.h"
#include "headrace/pipeline/job.h"

namespace headrace::feed {

struct JobRunOptions {
  std::string command_line = {};
  std::string cache_folder = {};    // of indexes; "" = the default
  loader::MakeRing make_ring = {};  // tests only: a ring of their own
  std::function<void(const std::string&)> on_step =
      {};  // "opening ...": what takes long before the first batch
  // Shards whose samples do not lie in them as they are are read once, in the same way.
  std::function<bool(uint64_t done_bytes, uint64_t total_bytes)> on_unpack = {};
  // cache = "ram": bytes read so far and of all; false = stop, which throws Error (interrupted).
  std::function<bool(uint64_t done_bytes, uint64_t total_bytes)> on_preload = {};
};

struct JobRun {
  observe::RunRecord record = {};
  bool interrupted = false;
  uint64_t trace_left_out = 0;  // spans of job.observe.trace that found no room
};

// A job without fields gets pipeline::fields_of(). Throws Error: job, data set, or what ended the
// run.
JobRun run_job(pipeline::Job job, const JobRunOptions& options, const Seams& seams);

}  // namespace headrace::feed
