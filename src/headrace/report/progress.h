// How far a long command is: a bar with the time left on a terminal, a plain line now and then
// elsewhere. Thread safety: advance() from any thread; finish() once, when they are done.
// Invariants: (1) nothing is written in the first two seconds; (2) no more than ten lines a second
// on a terminal, elsewhere one for each 10 % that is not within two seconds of the last.
#pragma once

#include <atomic>
#include <cstdint>
#include <cstdio>
#include <mutex>
#include <string>

#include "headrace/base/clock.h"

namespace headrace::report {

struct ProgressOptions {
  std::string title = {};  // "packing"
  uint64_t total = 0;      // 0 = not known: count and rate only
  bool bytes = false;      // amounts are bytes, else counts
  bool time = false;       // amounts are milliseconds
  std::string unit = {};   // "photos"
  std::FILE* out = stderr;
  bool tty = false;
  size_t width = 80;
};

class Progress {
 public:
  Progress(ProgressOptions options, Clock& clock);
  Progress(Progress&&) = delete;
  ~Progress();
  void advance(uint64_t amount);
  // Clears the bar, or ends with a line of the whole when anything was shown.
  void finish();

 private:
  void draw(uint64_t now_ns, uint64_t done);  // holds mutex_
  bool due(uint64_t now_ns, uint64_t done) const;

  const ProgressOptions options_;
  Clock& clock_;
  const uint64_t start_ns_;
  std::atomic<uint64_t> done_{0};
  std::atomic<uint64_t> next_draw_ns_;
  std::mutex mutex_;  // guards what follows and the writing
  uint64_t shown_tenths_ = 0;
  bool shown_ = false;
  bool finished_ = false;
};

// "packing [█████░░░░░] 51 %  2,550 of 5,000 photos  310/s  8.0 s left"
std::string progress_line(const ProgressOptions& options, uint64_t done, double elapsed_s);

}  // namespace headrace::report
