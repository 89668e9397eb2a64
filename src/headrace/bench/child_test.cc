// A child's output and end are what they are, and a missing program is an outcome.
#include "headrace/bench/child.h"

#include <gtest/gtest.h>
#include <signal.h>

#include <cerrno>

namespace headrace::bench {
namespace {

TEST(Child, keeps_both_outputs_and_the_exit_code) {
  const auto result = run_child({"sh", "-c", "echo out; echo err >&2; exit 7"});
  ASSERT_TRUE(result);
  EXPECT_EQ(result->output, "out\n");
  EXPECT_EQ(result->errors, "err\n");
  EXPECT_EQ(result->exit_code, 7);
}

TEST(Child, words_reach_it_as_they_are) {
  EXPECT_EQ(run_child({"printf", "%s", "a b; $HOME 'c'"})->output, "a b; $HOME 'c'");
}

TEST(Child, more_output_than_the_limit_neither_blocks_nor_grows) {
  const auto result = run_child({"sh", "-c", "head -c 20000000 /dev/zero; echo end >&2"});
  EXPECT_EQ(result->output.size(), k_child_output_bytes_max);
  EXPECT_EQ(result->errors, "end\n");
}

TEST(Child, is_ended_by_a_signal_that_its_parent_blocks) {
  sigset_t blocked, before;
  sigemptyset(&blocked);
  sigaddset(&blocked, SIGINT);
  pthread_sigmask(SIG_BLOCK, &blocked, &before);
  const auto result = run_child({"sh", "-c", "kill -INT $$; exit 0"});
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  EXPECT_EQ(result->exit_code, 128 + SIGINT);
}

TEST(Child, a_program_that_is_not_there_is_an_outcome) {
  EXPECT_EQ(run_child({"/no/such/program"}).error(), ENOENT);
}

}  // namespace
}  // namespace headrace::bench
