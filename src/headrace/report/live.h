// The screen of a run in progress: one state a second, drawn in place on a terminal, as a plain
// line elsewhere. Thread safety: render functions are pure; a LiveScreen has one owner. Invariants:
// (1) nothing of the terminal's state is changed for good: no hidden cursor, no other screen; (2)
// no line is wider than the terminal.
#pragma once

#include <cstdint>
#include <cstdio>
#include <string>
#include <vector>

#include "headrace/observe/verdict.h"

namespace headrace::report {

struct LiveStage {
  std::string name = {};
  uint32_t threads = 0;
  double rate_per_s = 0;   // samples/s
  double busy_share = 0;   // of its threads
  double queue_fill = -1;  // of the queue after it; -1 = none
};

inline constexpr size_t k_events_shown = 3;

struct LiveSample {
  double elapsed_s = 0;
  uint64_t step = 0;
  uint64_t steps = 0;  // 0 = without end
  double samples_per_s = 0;
  double wait_share = 0;
  double read_bytes_per_s = 0;
  double in_flight = 0;
  uint32_t depth = 0;
  uint64_t read_p50_ns = 0;
  uint64_t read_p99_ns = 0;
  std::vector<LiveStage> stages = {};
  std::vector<std::string> events = {};  // the newest last
  observe::Verdict verdict = {};         // provisional
};

struct LiveOptions {
  bool color = false;
  size_t width = 80;
  size_t height = 24;
};
std::vector<std::string> render_live(const LiveSample& sample, const LiveOptions& options);
// "12 s  step 300/1000  2,560 samples/s  waits 0.2 %  227 MiB/s  fed: ..."
std::string live_line(const LiveSample& sample);

class LiveScreen {
 public:
  LiveScreen(std::FILE* out, bool tty, LiveOptions options = {})
      : out_(out), tty_(tty), options_(options) {}
  void show(const LiveSample& sample);
  // Takes the drawing away, so that what follows starts where the screen began.
  void clear();

 private:
  std::FILE* out_;
  bool tty_;
  LiveOptions options_;
  size_t drawn_lines_ = 0;
};

// Columns and rows of the terminal behind `out`; 80 x 24 when it is none or does not say.
LiveOptions terminal_size(std::FILE* out);

}  // namespace headrace::report
