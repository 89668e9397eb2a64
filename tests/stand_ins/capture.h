// A stream captured into a graph, as libcuda has it in its strictest mode, which torch.cuda.graph
// uses: what the stream is given is noted and not done, and calls that look at events, wait or take
// memory are refused to every thread that did not say that it is no part of the capture.
// Thread safety: any thread. Invariant: one capture at a time.
#pragma once

#include <atomic>

namespace headrace::shim {

class Capture {
 public:
  static constexpr int k_not_permitted = 900, k_invalidated = 901, k_isolation = 905;

  void begin(void* stream) {
    nodes_ = 0;
    invalidated_ = false;
    stream_ = stream;
  }
  // Of the capture that ends: 0, or that it came to nothing.
  int end(int* nodes) {
    stream_ = nullptr;
    *nodes = nodes_;
    return invalidated_ ? k_invalidated : 0;
  }
  bool takes(const void* stream) const { return stream_ != nullptr && stream == stream_; }
  void note() { ++nodes_; }
  // Of a call that is not permitted meanwhile, which spoils the capture, too.
  int refusal() {
    if (stream_ == nullptr || thread_mode() == k_relaxed) return 0;
    invalidated_ = true;
    return k_not_permitted;
  }
  static int& thread_mode() {
    thread_local int mode = 0;
    return mode;
  }

 private:
  static constexpr int k_relaxed = 2;
  std::atomic<void*> stream_{nullptr};
  std::atomic<int> nodes_{0};
  std::atomic<bool> invalidated_{false};
};

}  // namespace headrace::shim
