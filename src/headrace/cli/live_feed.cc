// Ticks to the live screen.
#include "headrace/cli/live_feed.h"

#include "headrace/cli/output.h"
#include "headrace/report/summary.h"
#include "headrace/report/text.h"

namespace headrace::cli {

LiveFeed::LiveFeed(bool quiet)
    : quiet_(quiet),
      terminal_(is_terminal(stderr)),
      screen_(stderr, terminal_, report::terminal_size(stderr)) {}

void LiveFeed::note(const std::string& event) {
  remember(event);
  if (!quiet_ && !terminal_) fmt::print(stderr, "{}\n", report::plain(event));
}

void LiveFeed::show(const feed::Tick& tick) {
  const report::LiveSample sample = sample_of(tick);
  note_change(sample.verdict, sample.elapsed_s);
  if (!quiet_) screen_.show(sample);
}

void LiveFeed::finish() {
  if (!quiet_) screen_.clear();
}

// A new headline is an event.
void LiveFeed::note_change(const observe::Verdict& verdict, double at_s) {
  const std::string headline = report::headline(verdict);
  if (headline == last_headline_) return;
  last_headline_ = headline;
  remember(fmt::format("{:.0f} s: {}", at_s, headline));
}

void LiveFeed::remember(const std::string& event) {
  if (events_.size() == report::k_events_shown) events_.erase(events_.begin());
  events_.push_back(event);
}

report::LiveSample LiveFeed::sample_of(const feed::Tick& tick) {
  const observe::Evidence& evidence = tick.evidence;
  report::LiveSample sample{.elapsed_s = tick.interval.t_s,
                            .step = tick.steps,
                            .steps = tick.expected_steps,
                            .samples_per_s = tick.interval.samples_per_s,
                            .wait_share = tick.interval.wait_share,
                            .read_bytes_per_s = tick.interval.read_bytes_per_s,
                            .in_flight = tick.interval.in_flight,
                            .depth = evidence.reads.depth,
                            .read_p50_ns = tick.read_p50_ns,
                            .read_p99_ns = tick.read_p99_ns,
                            .events = events_,
                            .verdict = observe::judge(evidence)};
  for (const observe::StageRecord& stage : evidence.stages) {
    const double threads_s = evidence.window_s * stage.threads;
    sample.stages.push_back(
        {.name = stage.name,
         .threads = stage.threads,
         .rate_per_s =
             evidence.window_s > 0 ? static_cast<double>(stage.items) / evidence.window_s : 0,
         .busy_share = threads_s > 0 ? stage.busy_s / threads_s : 0,
         .queue_fill = stage.output_fill});
  }
  return sample;
}

}  // namespace headrace::cli
