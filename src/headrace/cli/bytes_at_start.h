// Progress of what is read before there is anything to show for it: unpacking, preloading.
// Thread safety: one call at a time, from any thread.
#pragma once

#include <optional>
#include <stop_token>
#include <utility>

#include "headrace/cli/output.h"

namespace headrace::cli {

class BytesAtStart {
 public:
  BytesAtStart(const char* title, bool quiet, std::stop_token stop)
      : title_(title), quiet_(quiet), stop_(std::move(stop)) {}
  // False = stop.
  bool operator()(uint64_t done_bytes, uint64_t total_bytes) {
    if (!quiet_) {
      report::ProgressOptions options = progress_options(title_, total_bytes, "");
      options.bytes = true;
      if (done_bytes < shown_bytes_) {  // of the next data set
        bar_.reset();
        shown_bytes_ = 0;
      }
      if (!bar_) bar_.emplace(options, clock_);
      bar_->advance(done_bytes - std::exchange(shown_bytes_, done_bytes));
      if (done_bytes == total_bytes) bar_->finish();
    }
    return !stop_.stop_requested();
  }

 private:
  const char* title_;
  bool quiet_;
  std::stop_token stop_;
  SteadyClock clock_;
  std::optional<report::Progress> bar_;
  uint64_t shown_bytes_ = 0;
};

}  // namespace headrace::cli
