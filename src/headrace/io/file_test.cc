// Opening files for rings: what is direct, what is not and why, and what is refused.
#include "headrace/io/file.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>

#include "headrace/base/error.h"
#include "headrace/base/faulty_files.h"
#include "headrace/base/temp_folder.h"
#include "headrace/io/ring.h"

namespace headrace::io {
namespace {

std::string made_file(const TempFolder& folder, size_t size_bytes) {
  const std::string path = folder / "data";
  std::ofstream(path) << std::string(size_bytes, 'x');
  return path;
}
Code refusal_of(const std::string& path) {
  try {
    File::open(real_files(), path, Caching::direct);
  } catch (const Error& error) {
    EXPECT_EQ(error.parts().object, path);
    return error.code();
  }
  ADD_FAILURE() << path << " was opened";
  return Code::io;
}

TEST(File, is_direct_with_the_kernels_alignment_or_says_why_not) {
  const TempFolder folder;
  const auto file = File::open(real_files(), made_file(folder, 5000), Caching::direct);
  EXPECT_EQ(file->size_bytes(), 5000u);
  if (!file->direct()) {
    EXPECT_FALSE(file->why_not_direct().empty());
    GTEST_SKIP() << file->why_not_direct();
  }
  EXPECT_NE(file->fd(), file->fd_buffered());
  EXPECT_NE(::fcntl(file->fd(), F_GETFL) & O_DIRECT, 0);
  EXPECT_GE(file->offset_alignment(), 512u);
  EXPECT_LE(file->offset_alignment(), k_target_alignment);
  EXPECT_TRUE(file->why_not_direct().empty());
}

TEST(File, is_buffered_with_alignment_one_when_the_page_cache_is_wanted) {
  const TempFolder folder;
  const auto file = File::open(real_files(), made_file(folder, 5000), Caching::page);
  EXPECT_FALSE(file->direct());
  EXPECT_EQ(file->fd(), file->fd_buffered());
  EXPECT_EQ(file->offset_alignment(), 1u);
  EXPECT_EQ(file->memory_alignment(), 1u);
}

TEST(File, is_buffered_on_a_file_system_in_memory_and_says_so) {
  const std::string path = fmt::format("/dev/shm/headrace-file-test-{}", ::getpid());
  std::ofstream(path) << "bytes";
  const auto file = File::open(real_files(), path, Caching::direct);
  ::unlink(path.c_str());
  EXPECT_FALSE(file->direct());
  EXPECT_FALSE(file->why_not_direct().empty());
}

TEST(File, is_buffered_for_good_after_the_latch_and_only_the_first_is_told) {
  const TempFolder folder;
  const auto file = File::open(real_files(), made_file(folder, 5000), Caching::direct);
  EXPECT_TRUE(file->latch_buffered());
  EXPECT_FALSE(file->latch_buffered());
  EXPECT_FALSE(file->direct());
  EXPECT_EQ(file->fd(), file->fd_buffered());
}

TEST(File, is_refused_when_it_is_missing_a_folder_or_a_pipe) {
  const TempFolder folder;
  EXPECT_EQ(refusal_of(folder / "missing"), Code::not_found);
  EXPECT_EQ(refusal_of(folder.path()), Code::invalid_argument);
  const std::string pipe = folder / "pipe";
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  EXPECT_EQ(refusal_of(pipe), Code::invalid_argument);
  EXPECT_EQ(refusal_of("/dev/null"), Code::invalid_argument);
}

TEST(File, is_made_or_emptied_or_kept_as_the_access_says) {
  const TempFolder folder;
  const std::string path = folder / "new";
  EXPECT_THROW(File::open(real_files(), path, Caching::page, Access::write), Error);
  EXPECT_TRUE(File::open(real_files(), path, Caching::page, Access::create)->writable());
  std::ofstream(path) << "bytes";
  EXPECT_EQ(File::open(real_files(), path, Caching::page, Access::write)->size_bytes(), 5u);
  EXPECT_FALSE(File::open(real_files(), path, Caching::page)->writable());
  EXPECT_EQ(File::open(real_files(), path, Caching::page, Access::create)->size_bytes(), 0u);
}

TEST(File, may_be_a_block_device_to_read_but_never_to_write) {
  const std::string device = "/dev/loop0";
  if (!real_files().open(device, O_RDONLY)) GTEST_SKIP() << "no " << device << " to open here";
  const auto file = File::open(real_files(), device, Caching::direct);
  EXPECT_EQ(file->size_bytes(), real_files().stat(file->fd())->size_bytes);
  try {
    File::open(real_files(), device, Caching::direct, Access::create);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.parts().cause, "a device is never written to");
  }
}

TEST(File, is_buffered_when_only_the_direct_open_fails) {
  const TempFolder folder;
  const std::string path = made_file(folder, 5000);
  FaultyFiles files;
  files.fail(FileCall::open, 2, EMFILE);
  const auto file = File::open(files, path, Caching::direct);
  if (files.seen() < 2) GTEST_SKIP() << file->why_not_direct();
  EXPECT_FALSE(file->direct());
  EXPECT_NE(file->why_not_direct().find("O_DIRECT"), std::string::npos);
}

TEST(File, names_the_path_when_a_call_fails) {
  const TempFolder folder;
  const std::string path = made_file(folder, 10);
  for (const FileCall call : {FileCall::open, FileCall::stat}) {
    FaultyFiles files;
    files.fail(call, 1, EIO);
    EXPECT_THROW(File::open(files, path, Caching::direct), Error);
  }
  FaultyFiles files;
  files.fail(FileCall::stat, 2, EIO);
  EXPECT_THROW(File::open(files, path, Caching::page), Error);
}

}  // namespace
}  // namespace headrace::io
