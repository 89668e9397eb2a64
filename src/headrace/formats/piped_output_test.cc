// Programs run here are those of every system: cat, head, sleep, sh.
#include "headrace/formats/piped_output.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <poll.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <filesystem>

#include "headrace/base/error.h"
#include "headrace/base/faulty_files.h"
#include "headrace/base/temp_folder.h"
#include "headrace/codec/codec.h"
#include "headrace/formats/shard_list.h"
#include "headrace/formats/tar_builder.h"

namespace headrace::formats {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class PipedOutput : public testing::Test {
 protected:
  PipedOutput() { write_text(shard_, tar_); }
  std::string fetch(const std::string& command, const std::string& allowed,
                    Files& files = real_files()) {
    std::vector<std::string> paths = {"pipe:" + command};
    fetch_pipes(files, paths, {.cache_folder = cache_, .allowed = allowed, .on_read = on_read_});
    return paths.front();
  }
  ErrorParts refusal(const std::string& command, const std::string& allowed,
                     Files& files = real_files()) {
    try {
      ADD_FAILURE() << fetch(command, allowed, files);
    } catch (const Error& error) {
      EXPECT_EQ(error.parts().object, "pipe:" + command);
      return error.parts();
    }
    return {};
  }
  std::vector<std::string> left_in_cache() {
    std::vector<std::string> names;
    if (!std::filesystem::exists(cache_)) return names;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(cache_)) {
      const std::string name = entry.path().filename();
      if (entry.is_regular_file() && !name.ends_with(".lock")) names.push_back(name);
    }
    return names;
  }

  TempFolder folder_;
  const std::string shard_ = folder_ / "a.tar", cache_ = folder_ / "cache";
  const std::string tar_ = TarBuilder().add("1.jpg", "one").add("2.jpg", "two").finished();
  std::function<bool(uint64_t)> on_read_ = {};
};

TEST_F(PipedOutput, of_an_allowed_program_is_kept_and_not_asked_for_again) {
  uint64_t moved_bytes = 0;
  on_read_ = [&](uint64_t bytes) {
    moved_bytes += bytes;
    return true;
  };
  const std::string path = fetch("cat '" + shard_ + "'", "curl,cat");
  EXPECT_EQ(read_text(path), tar_);
  EXPECT_TRUE(path.starts_with(cache_ + "/unpacked/") && path.ends_with("/a.tar")) << path;
  EXPECT_EQ(moved_bytes, tar_.size());
  std::filesystem::remove(shard_);
  EXPECT_EQ(fetch("cat '" + shard_ + "'", "cat"), path);
  EXPECT_THAT(left_in_cache(), ElementsAre("a.tar"));
}

TEST_F(PipedOutput, of_a_program_that_is_not_named_is_refused_before_any_is_started) {
  const std::string ran = folder_ / "ran";
  for (const char* allowed : {"", "tou", "touch2,/usr/bin/touch", ",", "touch "}) {
    const ErrorParts told = refusal("touch " + ran, allowed);
    EXPECT_EQ(told.code, Code::unsupported);
    EXPECT_THAT(told.cause, HasSubstr("\"touch\""));
    EXPECT_THAT(told.hint, HasSubstr("HEADRACE_ALLOW_PIPES=touch "));
  }
  std::vector<std::string> paths = {"pipe:touch " + ran, "pipe:other x"};
  EXPECT_THROW(fetch_pipes(real_files(), paths, {.cache_folder = cache_, .allowed = "touch"}),
               Error);
  EXPECT_FALSE(std::filesystem::exists(ran));
}

TEST_F(PipedOutput, of_a_shell_is_refused_unless_it_is_named) {
  const std::string command = "cat " + shard_ + " | cat";
  for (const char* more : {" | cat", "; id", " && id", " > x", " $(id)", " `id`", "\nid"}) {
    EXPECT_THAT(refusal("cat " + shard_ + more, "cat,id").hint, HasSubstr("PIPES=sh")) << more;
  }
  EXPECT_EQ(read_text(fetch(command, "sh")), tar_);
}

TEST_F(PipedOutput, may_be_compressed) {
  const auto packed = codec::compressed(codec::Kind::gzip, bytes_of(tar_), 6);
  const std::string text(reinterpret_cast<const char*>(packed.data()), packed.size());
  write_text(folder_ / "b.tar.gz", text);
  EXPECT_EQ(read_text(fetch("cat " + (folder_ / "b.tar.gz"), "cat")), text);
  const ErrorParts told = refusal("head -c 60 " + (folder_ / "b.tar.gz"), "head");
  EXPECT_EQ(told.code, Code::corrupt);
}

TEST_F(PipedOutput, of_a_program_that_fails_is_not_kept) {
  const ErrorParts told = refusal("cat " + shard_ + "; exit 22", "sh");
  EXPECT_EQ(told.code, Code::io);
  EXPECT_EQ(told.cause, "the command failed with status 22");
  EXPECT_EQ(refusal("cat " + shard_ + "; kill -9 $$", "sh").cause, "signal 9 ended the command");
  EXPECT_EQ(refusal("headrace-no-such", "headrace-no-such").code, Code::not_found);
  EXPECT_THAT(left_in_cache(), ElementsAre());
}

TEST_F(PipedOutput, that_is_cut_at_any_block_or_no_shard_is_not_kept) {
  for (size_t size = 512; size + 1024 < tar_.size(); size += 512) {
    const ErrorParts told = refusal(fmt::format("head -c {} {}", size, shard_), "head");
    EXPECT_EQ(told.code, Code::corrupt);
    EXPECT_TRUE(told.offset_bytes) << size;
  }
  EXPECT_THAT(refusal("echo '<html>404'", "echo").cause, HasSubstr("no known format"));
  EXPECT_THAT(refusal("true", "true").cause, HasSubstr("no known format"));
  EXPECT_THAT(left_in_cache(), ElementsAre());
}

TEST_F(PipedOutput, is_stopped_with_all_that_was_started_for_it) {
  const std::string fifo = folder_ / "fifo";
  ASSERT_EQ(::mkfifo(fifo.c_str(), 0600), 0);
  const UniqueFd reading(::open(fifo.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
  on_read_ = [](uint64_t moved_bytes) { return moved_bytes == 0; };
  const std::string command = "exec 9> " + fifo + "; sleep 1000 & cat " + shard_ + "; sleep 1000";
  EXPECT_EQ(refusal(command, "sh").code, Code::interrupted);
  EXPECT_THAT(left_in_cache(), ElementsAre());
  EXPECT_TRUE(::waitpid(-1, nullptr, WNOHANG) == -1 && errno == ECHILD) << "a zombie";
  // Hung up once nobody holds its other end, neither the shell nor what it started.
  pollfd waiting = {.fd = reading.get(), .events = 0, .revents = 0};
  EXPECT_EQ(::poll(&waiting, 1, 30'000), 1);
  EXPECT_EQ(waiting.revents, POLLHUP);
}

TEST_F(PipedOutput, that_does_not_come_is_stopped_too) {
  on_read_ = [](uint64_t) { return false; };
  EXPECT_EQ(refusal("sleep 1000", "sleep").code, Code::interrupted);
}

TEST_F(PipedOutput, without_room_ends_the_program) {
  FaultyFiles faulty;
  faulty.fail(FileCall::write, 2, ENOSPC);  // the first is the lock's
  std::vector<std::string> paths = {"pipe:cat " + shard_ + "; sleep 1000"};
  try {
    fetch_pipes(faulty, paths, {.cache_folder = cache_, .allowed = "sh"});
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Code::no_space) << error.what();
  }
  EXPECT_THAT(left_in_cache(), ElementsAre());
}

TEST_F(PipedOutput, stands_in_a_list_where_its_command_stood) {
  write_text(folder_ / "b0.tar", TarBuilder().add("3.jpg", "x").finished());
  write_text(folder_ / "b1.tar", TarBuilder().add("4.jpg", "y").finished());
  const std::string list = "pipe:cat " + (folder_ / "b{0..1}.tar") + "::" + shard_;
  const auto found =
      find_shards(real_files(), list, {.cache_folder = cache_, .allowed = "cat"}).value();
  ASSERT_EQ(found.paths.size(), 3U);
  EXPECT_EQ(read_text(found.paths[0]), read_text(folder_ / "b0.tar"));
  EXPECT_EQ(read_text(found.paths[1]), read_text(folder_ / "b1.tar"));
  EXPECT_EQ(found.paths[2], shard_);
  EXPECT_EQ(found.format, &k_tar_format);
}

}  // namespace
}  // namespace headrace::formats
