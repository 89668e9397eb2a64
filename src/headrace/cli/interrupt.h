// Ctrl-C as a stop token: the first SIGINT or SIGTERM asks for a stop, the second ends the process
// at once. Thread safety: make one Interrupt in main before any other thread, so that all threads
// leave the signals to it.
#pragma once

#include <signal.h>

#include <stop_token>
#include <thread>

namespace headrace::cli {

class Interrupt {
 public:
  Interrupt();
  Interrupt(Interrupt&&) = delete;
  ~Interrupt();
  std::stop_token token() const { return source_.get_token(); }
  bool seen() const { return source_.stop_requested(); }

 private:
  sigset_t signals_;
  std::stop_source source_;
  std::jthread waiter_;
};

}  // namespace headrace::cli
