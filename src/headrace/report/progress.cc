// Drawing of progress; advancing is one atomic addition and one comparison until a drawing is due.
#include "headrace/report/progress.h"

#include <fmt/format.h>

#include <algorithm>

#include "headrace/base/sizes.h"
#include "headrace/report/text.h"

namespace headrace::report {

namespace {

constexpr uint64_t k_quiet_ns = 2'000'000'000;
constexpr uint64_t k_tty_interval_ns = 100'000'000;
constexpr uint64_t k_plain_interval_ns = 2'000'000'000;

}  // namespace

std::string progress_line(const ProgressOptions& options, uint64_t done, double elapsed_s) {
  const auto amount = [&](uint64_t value) {
    if (options.time) return seconds_text(static_cast<double>(value) * 1e-3);
    return options.bytes ? format_size(value) : format_count(value);
  };
  const double rate = elapsed_s > 0 ? static_cast<double>(done) / elapsed_s : 0;
  const std::string rate_text = options.time    ? ""
                                : options.bytes ? "  " + bytes_rate_text(rate)
                                                : "  " + number_text(rate) + "/s";
  const std::string unit = options.unit.empty() ? "" : " " + options.unit;
  if (options.total == 0) {
    return fmt::format("{}  {}{}{}", options.title, amount(done), unit, rate_text);
  }
  const double share =
      std::min(1.0, static_cast<double>(done) / static_cast<double>(options.total));
  std::string line = fmt::format("{} [{}] {:>3.0f} %  {} of {}{}{}", options.title, bar(share, 20),
                                 100 * share, amount(done), amount(options.total), unit, rate_text);
  if (rate > 0 && done < options.total) {
    line +=
        fmt::format("  {} left", seconds_text(static_cast<double>(options.total - done) / rate));
  }
  return line;
}

Progress::Progress(ProgressOptions options, Clock& clock)
    : options_(std::move(options)),
      clock_(clock),
      start_ns_(clock.now_ns()),
      next_draw_ns_(start_ns_ + k_quiet_ns) {}

Progress::~Progress() { finish(); }

bool Progress::due(uint64_t now_ns, uint64_t done) const {
  if (now_ns < next_draw_ns_.load(std::memory_order_relaxed)) return false;
  if (options_.tty || options_.total == 0) return true;
  return done * 10 / options_.total > shown_tenths_ || !shown_;
}

void Progress::advance(uint64_t amount) {
  const uint64_t done = done_.fetch_add(amount, std::memory_order_relaxed) + amount;
  const uint64_t now_ns = clock_.now_ns();
  if (now_ns < next_draw_ns_.load(std::memory_order_relaxed)) return;
  std::unique_lock lock(mutex_, std::try_to_lock);
  if (!lock || finished_ || !due(now_ns, done)) return;  // another thread is drawing
  draw(now_ns, done);
}

void Progress::draw(uint64_t now_ns, uint64_t done) {
  const std::string line =
      progress_line(options_, done, static_cast<double>(now_ns - start_ns_) * 1e-9);
  if (options_.tty) {
    fmt::print(options_.out, "\r{}\x1b[K", first_columns(line, options_.width - 1));
  } else {
    fmt::print(options_.out, "{}\n", line);
  }
  std::fflush(options_.out);
  shown_ = true;
  if (options_.total > 0) shown_tenths_ = done * 10 / options_.total;
  next_draw_ns_ = now_ns + (options_.tty ? k_tty_interval_ns : k_plain_interval_ns);
}

void Progress::finish() {
  const std::lock_guard lock(mutex_);
  if (finished_) return;
  finished_ = true;
  if (!shown_) return;
  if (options_.tty) {
    fmt::print(options_.out, "\r\x1b[K");
    std::fflush(options_.out);
  } else if (options_.total > 0 && done_.load() >= options_.total && shown_tenths_ < 10) {
    draw(clock_.now_ns(), done_.load());
  }
}

}  // namespace headrace::report
