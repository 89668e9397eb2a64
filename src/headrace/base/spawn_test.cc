// Programs are started with the files named, and how they ended is told.
#include "headrace/base/spawn.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "headrace/base/temp_folder.h"
#include "headrace/base/unique_fd.h"

namespace headrace {
namespace {

int run_to_end(const std::vector<std::string>& words, const SpawnOptions& options) {
  int status = 0;
  EXPECT_GT(::waitpid(spawn(words, options).value(), &status, 0), 0);
  return exit_code_of(status);
}

TEST(Spawn, output_goes_where_it_is_sent_and_words_are_no_shells) {
  const TempFolder folder;
  const UniqueFd out(::open((folder / "out").c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0644));
  EXPECT_EQ(run_to_end({"echo", "$HOME;", "a  b"}, {.output_fd = out.get()}), 0);
  EXPECT_EQ(read_text(folder / "out"), "$HOME; a  b\n");
  EXPECT_EQ(run_to_end({"sh", "-c", "echo err >&2; exit 7"}, {.errors_fd = out.get()}), 7);
  EXPECT_EQ(read_text(folder / "out"), "$HOME; a  b\nerr\n");
}

TEST(Spawn, one_apart_leads_its_group_has_no_input_and_ends_by_signals_that_are_ignored_here) {
  const TempFolder folder;
  const UniqueFd out(::open((folder / "out").c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0644));
  EXPECT_EQ(run_to_end({"cat"}, {.output_fd = out.get(), .apart = true}), 0);
  auto* before = ::signal(SIGPIPE, SIG_IGN);
  EXPECT_EQ(run_to_end({"sh", "-c", "kill -PIPE $$"}, {}), 128 + SIGPIPE);
  ::signal(SIGPIPE, before);
  const pid_t pid = spawn({"sh", "-c", "sleep 100; :"}, {.apart = true}).value();
  EXPECT_EQ(::getpgid(pid), pid);
  EXPECT_EQ(::kill(-pid, SIGKILL), 0);
  int status = 0;
  EXPECT_EQ(::waitpid(pid, &status, 0), pid);
  EXPECT_EQ(exit_code_of(status), 128 + SIGKILL);
}

TEST(Spawn, a_program_that_is_not_there_is_told) {
  EXPECT_EQ(spawn({"headrace-no-such-program"}, {}).error(), ENOENT);
}

}  // namespace
}  // namespace headrace
