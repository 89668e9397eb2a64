// Sections of the text report, in the order in which they are read.
#include "headrace/report/terminal.h"

#include <fmt/format.h>

#include <algorithm>
#include <ranges>

#include "headrace/base/sizes.h"
#include "headrace/observe/advice.h"
#include "headrace/observe/supply.h"
#include "headrace/report/summary.h"
#include "headrace/report/text.h"

namespace headrace::report {

namespace {

using observe::percent_text;
using observe::RunRecord;
using observe::VerdictKind;

class TextPage {
 public:
  explicit TextPage(const TerminalOptions& options) : options_(options) {}

  void line(const std::string& text = "") { text_ += text + "\n"; }
  void section(const std::string& title) { text_ += "\n" + painted("1", title) + "\n"; }
  void item(const std::string& mark, std::string_view text) {
    const size_t indent = 2 + columns_of(mark) + 1;
    const size_t width = options_.width > indent + 20 ? options_.width - indent : 20;
    line("  " + mark + " " + wrapped(plain(text), width, indent));
  }
  void fact(const std::string& name, const std::string& value) {
    line(fmt::format("  {:<13} {}", name, wrapped(value, options_.width - 16, 16)));
  }
  std::string painted(const char* color, const std::string& text) const {
    return options_.color ? fmt::format("\x1b[{}m{}\x1b[0m", color, text) : text;
  }
  std::string text() && { return std::move(text_); }
  size_t width() const { return options_.width; }

 private:
  TerminalOptions options_;
  std::string text_;
};

void add_verdict(const RunRecord& record, TextPage& page) {
  std::string title = headline(record.verdict);
  std::ranges::transform(title, title.begin(), [](char letter) {
    return letter >= 'a' && letter <= 'z' ? static_cast<char>(letter - 'a' + 'A') : letter;
  });
  page.line();
  page.line(page.painted(color_of(record.verdict.kind), plain(title)));
  page.line(wrapped(plain(record.verdict.sentence), page.width(), 0));
  if (!record.verdict.evidence.empty()) page.section("Evidence");
  for (const auto& line : record.verdict.evidence) page.item("-", line);
  if (!record.verdict.advice.empty()) page.section("What to try");
  for (size_t i = 0; i < record.verdict.advice.size(); ++i) {
    page.item(fmt::format("{}.", i + 1), record.verdict.advice[i]);
  }
}

void add_stages(const RunRecord& record, TextPage& page) {
  const auto& window = record.window;
  if (window.stages.empty() || window.window_s <= 0) return;
  page.section("Stages (after warm-up)");
  size_t width = 10;
  for (const auto& stage : window.stages) width = std::max(width, stage.name.size() + 1);
  page.line(fmt::format("  {:<{}}{:>7}  {:<19}{:>10}{:>13}{:>8}{:>8}", "stage", width, "threads",
                        "busy", "a sample", "alone, /s", "in", "out"));
  for (const auto& stage : window.stages) {
    const double share = observe::ratio(stage.busy_s, stage.threads * window.window_s);
    const double each_s = observe::ratio(stage.busy_s, static_cast<double>(stage.items));
    page.line(fmt::format("  {:<{}}{:>7}  {} {:>6}{:>12}{:>13}{:>8}{:>8}", plain(stage.name), width,
                          stage.threads, bar(share, 10), percent_text(share), seconds_text(each_s),
                          alone_text(stage), fill_text(stage.input_fill),
                          fill_text(stage.output_fill)));
  }
}

void add_latency(const char* name, const observe::HistogramRecord& histogram, TextPage& page) {
  page.line(fmt::format("  {:<14}{:>10}{:>10}{:>10}{:>10}{:>10}{:>12}", name,
                        format_duration(histogram.p50_ns), format_duration(histogram.p90_ns),
                        format_duration(histogram.p99_ns), format_duration(histogram.p999_ns),
                        format_duration(histogram.max_ns), format_count(histogram.count)));
}

void add_latencies(const RunRecord& record, TextPage& page) {
  page.section("Latency");
  page.line(fmt::format("  {:<14}{:>10}{:>10}{:>10}{:>10}{:>10}{:>12}", "", "p50", "p90", "p99",
                        "p99.9", "max", "count"));
  add_latency("a batch", record.batch_latency, page);
  add_latency("a read", record.read_latency, page);
}

void add_run(const RunRecord& record, TextPage& page) {
  const auto& totals = record.totals;
  page.section("Run");
  page.fact(
      "throughput",
      fmt::format("{} samples/s: {} in {} of {}, {}",
                  number_text(observe::ratio(static_cast<double>(totals.samples), totals.wall_s)),
                  counted(totals.samples, "sample"), counted(totals.steps, "step"), totals.batch,
                  seconds_text(totals.wall_s)));
  page.fact("first batch", seconds_text(totals.first_batch_s));
  page.fact("waited", fmt::format("{} ({})", seconds_text(totals.wait_s),
                                  percent_text(observe::ratio(totals.wait_s, totals.wall_s))));
  page.fact("time", time_parts(totals));
  page.fact("processor",
            fmt::format("{} user, {} system; peak memory {}", seconds_text(totals.cpu_user_s),
                        seconds_text(totals.cpu_system_s), format_size(totals.peak_rss_bytes)));
  page.fact("bytes", read_agreement(totals, record.window.reads.direct));
}

void add_skipped(const RunRecord& record, TextPage& page) {
  if (record.skipped == 0) return;
  page.section(fmt::format("Skipped samples: {}", format_count(record.skipped)));
  constexpr size_t k_shown = 10;
  for (size_t i = 0; i < std::min(k_shown, record.skipped_listed.size()); ++i) {
    const auto& skipped = record.skipped_listed[i];
    page.item("-", fmt::format("{} in {} at byte {}: {}", skipped.key, skipped.file,
                               skipped.offset_bytes, skipped.what));
  }
  if (record.skipped > k_shown) page.item("-", "more are listed in the JSON and HTML reports");
}

void add_blend(const RunRecord& record, TextPage& page) {
  if (record.dataset.blend.empty()) return;
  uint64_t fed = 0;
  for (const auto& part : record.dataset.blend) fed += part.fed;
  page.section("Blend");
  for (const auto& part : record.dataset.blend) {
    const auto count = static_cast<double>(part.fed);
    page.item("-", fmt::format("{}: {}, {} where {} is wanted; {:.2f} passes of {}",
                               plain(part.name), counted(part.fed, "sample"),
                               percent_text(observe::ratio(count, static_cast<double>(fed))),
                               percent_text(part.share),
                               observe::ratio(count, static_cast<double>(part.samples)),
                               format_count(part.samples)));
  }
}

void add_place(const RunRecord& record, TextPage& page) {
  page.section("Where");
  for (const Fact& fact : machine_facts(record)) page.fact(fact.name, fact.value);
  const auto& dataset = record.dataset;
  page.fact("data set", fmt::format("{} ({}, {}, {}, {})", plain(dataset.path),
                                    plain(dataset.format), counted(dataset.samples, "sample"),
                                    format_size(dataset.bytes), counted(dataset.shards, "shard")));
  constexpr size_t k_shown = 5;
  for (const std::string& note : dataset.notes | std::views::take(k_shown)) {
    page.fact("note", plain(note));
  }
  if (dataset.notes.size() > k_shown) page.fact("note", "more are in the JSON and HTML reports");
  page.fact("command", plain(record.command));
}

}  // namespace

std::string terminal_report(const RunRecord& record, const TerminalOptions& options) {
  TextPage page({.color = options.color, .width = std::max<size_t>(40, options.width)});
  add_verdict(record, page);
  add_stages(record, page);
  add_run(record, page);
  add_latencies(record, page);
  add_skipped(record, page);
  add_blend(record, page);
  add_place(record, page);
  return std::move(page).text();
}

}  // namespace headrace::report
