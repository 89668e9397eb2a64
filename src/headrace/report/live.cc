// Lines of the live screen, and their drawing by cursor movement.
#include "headrace/report/live.h"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>

#include "headrace/base/sizes.h"
#include "headrace/observe/advice.h"
#include "headrace/observe/supply.h"
#include "headrace/report/summary.h"
#include "headrace/report/text.h"

namespace headrace::report {

namespace {

using observe::percent_text;
using observe::VerdictKind;

std::string painted(const LiveOptions& options, const char* color, const std::string& text) {
  return options.color ? fmt::format("\x1b[{}m{}\x1b[0m", color, text) : text;
}

std::string steps_text(const LiveSample& sample) {
  if (sample.steps == 0) return format_count(sample.step);
  return fmt::format("{}/{}", format_count(sample.step), format_count(sample.steps));
}

std::string run_line(const LiveSample& sample) {
  std::string line = fmt::format("{}  step {}", seconds_text(sample.elapsed_s), steps_text(sample));
  if (sample.steps == 0) return line;
  const double share =
      observe::ratio(static_cast<double>(sample.step), static_cast<double>(sample.steps));
  line += fmt::format("  [{}]", bar(share, 24));
  if (share > 0 && share < 1) {
    line += fmt::format("  {} left", seconds_text(sample.elapsed_s * (1 - share) / share));
  }
  return line;
}

std::string stage_line(const LiveStage& stage) {
  std::string line = fmt::format("{:<10}{:>9}/s {:>4} thr  busy {} {:>6}", plain(stage.name),
                                 number_text(stage.rate_per_s), stage.threads,
                                 bar(stage.busy_share, 8), percent_text(stage.busy_share));
  if (stage.queue_fill >= 0) {
    line +=
        fmt::format("  queue {} {:>6}", bar(stage.queue_fill, 8), percent_text(stage.queue_fill));
  }
  return line;
}

}  // namespace

std::vector<std::string> render_live(const LiveSample& sample, const LiveOptions& options) {
  std::vector<std::string> lines = {
      painted(options, color_of(sample.verdict.kind), plain(one_line(sample.verdict))),
      run_line(sample),
      fmt::format("{} samples/s   waits {}", number_text(sample.samples_per_s),
                  percent_text(sample.wait_share)),
      ""};
  for (const LiveStage& stage : sample.stages) lines.push_back(stage_line(stage));
  lines.push_back(fmt::format(
      "reads     {:>11}  in flight {:.1f} of {}  p50 {}  p99 {}",
      bytes_rate_text(sample.read_bytes_per_s), std::max(0.0, sample.in_flight), sample.depth,
      format_duration(sample.read_p50_ns), format_duration(sample.read_p99_ns)));
  const size_t shown = std::min(k_events_shown, sample.events.size());
  if (shown > 0) lines.emplace_back();
  for (size_t i = sample.events.size() - shown; i < sample.events.size(); ++i) {
    lines.push_back("! " + plain(sample.events[i]));
  }
  // The last row stays free, so that the terminal does not scroll.
  if (options.height > 1 && lines.size() >= options.height) lines.resize(options.height - 1);
  for (std::string& line : lines) line = first_columns(line, options.width);
  return lines;
}

std::string live_line(const LiveSample& sample) {
  return fmt::format("{}  step {}  {} samples/s  waits {}  {}  {}", seconds_text(sample.elapsed_s),
                     steps_text(sample), number_text(sample.samples_per_s),
                     percent_text(sample.wait_share), bytes_rate_text(sample.read_bytes_per_s),
                     plain(one_line(sample.verdict)));
}

void LiveScreen::show(const LiveSample& sample) {
  if (!tty_) {
    fmt::print(out_, "{}\n", live_line(sample));
    std::fflush(out_);
    return;
  }
  const auto lines = render_live(sample, options_);
  std::string text = drawn_lines_ > 0 ? fmt::format("\x1b[{}A\r", drawn_lines_) : "\r";
  for (const std::string& line : lines) text += line + "\x1b[K\n";
  text += "\x1b[J";  // what a taller drawing left below
  fmt::print(out_, "{}", text);
  std::fflush(out_);
  drawn_lines_ = lines.size();
}

void LiveScreen::clear() {
  if (drawn_lines_ == 0) return;
  fmt::print(out_, "\x1b[{}A\r\x1b[J", drawn_lines_);
  std::fflush(out_);
  drawn_lines_ = 0;
}

LiveOptions terminal_size(std::FILE* out) {
  LiveOptions options;
  winsize size{};
  if (::ioctl(::fileno(out), TIOCGWINSZ, &size) != 0) return options;
  if (size.ws_col > 0) options.width = size.ws_col;
  if (size.ws_row > 0) options.height = size.ws_row;
  return options;
}

}  // namespace headrace::report
