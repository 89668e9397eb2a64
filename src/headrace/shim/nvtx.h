// Named ranges for a profiler (Nsight Systems), by NVTX's injection interface: the profiler names a
// library in $NVTX_INJECTION64_PATH, which puts its functions in place. Nothing of NVIDIA's is
// needed to build. Thread safety: const once opened; a range belongs to the thread that began it.
// Invariant: without a profiler a range is two tests of a pointer.
#pragma once

#include <cstdint>
#include <string>

#include "headrace/shim/library.h"

namespace headrace::shim {

class Nvtx {
 public:
  Nvtx() = default;  // no profiler
  // As the environment says, once a process; without it, or if that library is none, no profiler.
  static const Nvtx& of_process();
  // The library stays for good: what it put in place is called until the process ends.
  static std::expected<Nvtx, std::string> open(const std::string& library);

  bool is_profiled() const { return push_ != nullptr; }
  void push(const char* name) const {
    if (push_ != nullptr) [[unlikely]]
      push_(name);
  }
  void pop() const {
    if (pop_ != nullptr) [[unlikely]]
      pop_();
  }
  void name_this_thread(const char* name) const;

 private:
  int (*push_)(const char*) = nullptr;
  int (*pop_)() = nullptr;
  void (*name_thread_)(uint32_t, const char*) = nullptr;
};

// From its birth to its end, on one thread. `name` is a literal.
class Range {
 public:
  Range(const Nvtx& profiler, const char* name) : profiler_(profiler) { profiler_.push(name); }
  ~Range() { profiler_.pop(); }
  Range(Range&&) = delete;

 private:
  const Nvtx& profiler_;
};

}  // namespace headrace::shim
