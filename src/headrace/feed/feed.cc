// The emulated accelerator's loop and its books.
#include "headrace/feed/feed.h"

#include <algorithm>

#include "headrace/feed/accelerator.h"
#include "headrace/loader/loader.h"
#include "headrace/observe/machine.h"

namespace headrace::feed {
namespace {

double seconds(uint64_t duration_ns) { return static_cast<double>(duration_ns) * 1e-9; }

// A moment of the run: the loader's counters and the process's.
struct Moment {
  loader::Snapshot loader;
  observe::ProcessIo io;
  observe::ProcessUsage usage;
  double cpu_s() const { return usage.cpu_user_s + usage.cpu_system_s; }
};

class Run {
 public:
  Run(loader::Batches& batches, const loader::LoaderFacts& facts, const FeedOptions& options,
      const Start& start, const Seams& seams)
      : batches_(batches),
        loader_(batches.loader()),
        facts_(facts),
        options_(options),
        seams_(seams),
        begin_{.loader = {.at_ns = start.at_ns}, .io = start.io, .usage = start.usage},
        window_begin_(begin_),
        tick_begin_(begin_),
        next_tick_ns_(start.at_ns + options.tick_ns),
        accelerator_(batches, seams.clock, options.step_ns, options.trace),
        cores_(observe::usable_cores()) {
    result_.totals.open_s = seconds(steady_now_ns() - start.at_ns);
  }

  FeedResult run() {
    while (options_.step_count == 0 || steps_ < options_.step_count) {
      if (seams_.stop.stop_requested()) {
        result_.interrupted = true;
        break;
      }
      if (!take_batches()) break;
      accelerator_.step();
      held_.reset();
      ++steps_;
      if (steps_ == warm_up_steps()) window_begin_ = moment();
      if (steady_now_ns() >= next_tick_ns_) tick();
    }
    finish();
    return std::move(result_);
  }

 private:
  Moment moment() const {
    return {.loader = loader::Snapshot::take(batches_),
            .io = observe::read_process_io(),
            .usage = observe::read_process_usage()};
  }

  uint64_t warm_up_steps() const { return observe::warm_up_steps(options_.expected_steps); }

  // One batch for each accelerator; false when the loader has no more.
  bool take_batches() {
    for (uint32_t taken = 0; taken < options_.batches_per_step; ++taken) {
      auto batch = batches_.next();
      if (!batch) return false;
      const uint64_t taken_ns = steady_now_ns();
      if (seams_.on_batch) seams_.on_batch(*batch);
      if (result_.totals.first_batch_s == 0) {
        result_.totals.first_batch_s = seconds(taken_ns - begin_.loader.at_ns);
      }
      held_ = std::move(batch);
      if (!accelerator_.has_stream()) held_.reset();
      own_ns_ += steady_now_ns() - taken_ns;
    }
    return true;
  }

  observe::Evidence evidence(const Moment& before, const Moment& after) const {
    observe::Evidence evidence =
        loader::evidence_between(before.loader, after.loader, facts_, batches_);
    evidence.cores = cores_;
    evidence.cpu_s = after.cpu_s() - before.cpu_s();
    evidence.reads.device_bytes = after.io.read_bytes - before.io.read_bytes;
    const auto& latency = batches_.consumer().wait_latency_ns;
    evidence.batch_latency_p50_s = seconds(latency.percentile_ns(0.5));
    evidence.batch_latency_p999_s = seconds(latency.percentile_ns(0.999));
    return evidence;
  }

  const observe::Histogram& read_latency() const { return loader_.stats().feeder.read_latency_ns; }

  void tick() {
    const Moment now = moment();
    const double passed_s = seconds(now.loader.at_ns - tick_begin_.loader.at_ns);
    const observe::Evidence last = evidence(tick_begin_, now);
    const observe::IntervalRecord interval{
        .t_s = seconds(now.loader.at_ns - begin_.loader.at_ns),
        .samples_per_s = static_cast<double>(last.samples) / passed_s,
        .wait_share = std::min(1.0, last.wait_s / passed_s),
        .read_bytes_per_s = static_cast<double>(last.reads.bytes) / passed_s,
        .in_flight = last.reads.in_flight_mean};
    result_.intervals.push_back(interval);
    if (seams_.on_tick) {
      seams_.on_tick({.interval = interval,
                      .evidence = evidence(window_begin_, now),
                      .steps = steps_,
                      .expected_steps = options_.expected_steps,
                      .read_p50_ns = read_latency().percentile_ns(0.5),
                      .read_p99_ns = read_latency().percentile_ns(0.99)});
    }
    tick_begin_ = now;
    next_tick_ns_ = now.loader.at_ns + options_.tick_ns;
  }

  void finish() {
    accelerator_.finish();
    const Moment end = moment();
    if (end.loader.batch_count > tick_begin_.loader.batch_count) tick();
    result_.window = evidence(window_begin_, end);
    observe::TotalsRecord& totals = result_.totals;
    totals.wall_s = seconds(end.loader.at_ns - begin_.loader.at_ns);
    totals.steps = steps_;
    totals.samples = end.loader.sample_count;
    totals.batch = facts_.batch_size;
    totals.step_target_s = seconds(options_.step_ns);
    totals.wait_s = seconds(loader::waited_ns(begin_.loader, end.loader));
    totals.read_bytes = end.loader.read_bytes;
    totals.process_rchar = end.io.rchar - begin_.io.rchar;
    totals.process_read_bytes = end.io.read_bytes - begin_.io.read_bytes;
    totals.cpu_user_s = end.usage.cpu_user_s - begin_.usage.cpu_user_s;
    totals.cpu_system_s = end.usage.cpu_system_s - begin_.usage.cpu_system_s;
    totals.compute_s = accelerator_.busy_s();
    totals.own_s = seconds(own_ns_);
    totals.peak_rss_bytes = end.usage.peak_rss_bytes;
    result_.batch_latency = batches_.consumer().wait_latency_ns.record();
    result_.read_latency = read_latency().record();
  }

  loader::Batches& batches_;
  const loader::Loader& loader_;
  const loader::LoaderFacts& facts_;
  const FeedOptions& options_;
  const Seams& seams_;
  FeedResult result_;
  Moment begin_;         // of the run
  Moment window_begin_;  // behind the warm-up
  Moment tick_begin_;    // of the running second
  uint64_t next_tick_ns_;
  Accelerator accelerator_;
  std::optional<loader::Batch> held_;  // of the step that is being given to a stream
  double cores_;
  uint64_t steps_ = 0;
  uint64_t own_ns_ = 0;
};

}  // namespace

Start Start::now() {
  return {.at_ns = steady_now_ns(),
          .io = observe::read_process_io(),
          .usage = observe::read_process_usage()};
}

FeedResult feed(loader::Batches& batches, const loader::LoaderFacts& facts,
                const FeedOptions& options, const Start& start, const Seams& seams) {
  return Run(batches, facts, options, start, seams).run();
}

}  // namespace headrace::feed
