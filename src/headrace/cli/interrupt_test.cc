// The first signal asks for a stop; an Interrupt that saw none ends without one.
#include "headrace/cli/interrupt.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <semaphore>

#include "headrace/cli/exit_codes.h"

namespace headrace::cli {
namespace {

TEST(Interrupt, the_first_signal_asks_for_a_stop) {
  const Interrupt interrupt;
  std::binary_semaphore stopped(0);
  const std::stop_callback waiting(interrupt.token(), [&] { stopped.release(); });
  EXPECT_FALSE(interrupt.seen());
  ASSERT_EQ(::kill(::getpid(), SIGINT), 0);
  stopped.acquire();
  EXPECT_TRUE(interrupt.seen());
}

TEST(Interrupt, its_end_stops_nothing) {
  std::stop_token token;
  {
    const Interrupt interrupt;
    token = interrupt.token();
  }
  EXPECT_FALSE(token.stop_requested());
}

TEST(Interrupt, the_second_signal_ends_the_process_with_the_status_of_ctrl_c) {
  const pid_t child = ::fork();
  if (child == 0) {
    const Interrupt interrupt;
    std::binary_semaphore stopped(0);
    const std::stop_callback waiting(interrupt.token(), [&] { stopped.release(); });
    ::kill(::getpid(), SIGTERM);
    stopped.acquire();
    ::kill(::getpid(), SIGINT);
    ::pause();
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), k_exit_interrupted);
}

}  // namespace
}  // namespace headrace::cli
