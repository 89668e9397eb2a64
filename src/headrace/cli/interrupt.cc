// A thread that waits for the signals which all other threads have blocked.
#include "headrace/cli/interrupt.h"

#include <unistd.h>

#include "headrace/cli/exit_codes.h"

namespace headrace::cli {

Interrupt::Interrupt() {
  sigemptyset(&signals_);
  sigaddset(&signals_, SIGINT);
  sigaddset(&signals_, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals_, nullptr);
  waiter_ = std::jthread([this](const std::stop_token& stop) {
    while (true) {
      int signal = 0;
      sigwait(&signals_, &signal);
      if (stop.stop_requested()) return;
      if (source_.stop_requested()) _exit(k_exit_interrupted);
      source_.request_stop();
    }
  });
}

Interrupt::~Interrupt() {
  waiter_.request_stop();
  pthread_kill(waiter_.native_handle(), SIGTERM);
}

}  // namespace headrace::cli
