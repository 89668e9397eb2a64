// What is written appears whole or not at all, whichever call fails.
#include "headrace/base/files.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>

#include "headrace/base/error.h"
#include "headrace/base/faulty_files.h"
#include "headrace/base/temp_folder.h"

namespace headrace {
namespace {

TEST(AtomicFile, shows_the_file_only_when_published) {
  const TempFolder folder;
  const std::string path = folder / "x";
  AtomicFile file(real_files(), path);
  file.append(bytes_of("hello"));
  file.write_at(bytes_of("J"), 0);
  EXPECT_FALSE(std::filesystem::exists(path));
  file.publish();
  EXPECT_EQ(read_file(real_files(), path, 100).size(), 5u);
  EXPECT_EQ(read_file(real_files(), path, 100)[0], std::byte{'J'});
}

TEST(AtomicFile, leaves_nothing_behind_when_given_up) {
  const TempFolder folder;
  { AtomicFile(real_files(), folder / "x").append(bytes_of("hello")); }
  EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
}

TEST(AtomicFile, goes_on_behind_what_another_saved) {
  const TempFolder folder;
  {
    AtomicFile file(real_files(), folder / "x");
    file.append(bytes_of("hello "));
    file.save();
    file.append(bytes_of("wo"));
  }
  EXPECT_FALSE(std::filesystem::exists(folder / "x"));
  AtomicFile(real_files(), folder / "x", 6).append(bytes_of("x"));
  {
    AtomicFile file(real_files(), folder / "x", 6);
    EXPECT_EQ(file.size_bytes(), 6u);
    file.append(bytes_of("world"));
    file.publish();
  }
  EXPECT_EQ(read_text(folder / "x"), "hello world");
  EXPECT_THROW(AtomicFile(real_files(), folder / "x", 6), Error) << "nothing is saved";
}

TEST(AtomicFile, is_not_shown_with_the_end_of_another_and_forgets_when_asked) {
  const TempFolder folder;
  {
    AtomicFile file(real_files(), folder / "x");
    file.append(bytes_of("hello"));
    file.save();
  }
  AtomicFile file(real_files(), folder / "x", 3);
  EXPECT_THROW(file.publish(), Error) << "lo is of another";
  FaultyFiles files;
  files.fail(FileCall::stat, 1, EIO);
  AtomicFile unseen(files, folder / "x", 3);
  EXPECT_THROW(unseen.publish(), Error);
  files.fail(FileCall::sync, 1, EIO);
  EXPECT_THROW(unseen.save(), Error);
  EXPECT_TRUE(std::filesystem::exists(folder / "x.partial"));
  { AtomicFile(real_files(), folder / "x", 3).forget(); }
  EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
}

TEST(AtomicFile, never_shows_a_file_that_a_failure_cut_short) {
  const struct {
    FileCall call;
    int error_number;
  } cases[] = {{FileCall::open, EACCES},
               {FileCall::write, ENOSPC},
               {FileCall::sync, EIO},
               {FileCall::rename, EROFS}};
  for (const auto& fault : cases) {
    const TempFolder folder;
    FaultyFiles files;
    files.fail(fault.call, 1, fault.error_number);
    EXPECT_THROW(
        {
          AtomicFile file(files, folder / "x");
          file.append(bytes_of("hello"));
          file.publish();
        },
        Error);
    EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
  }
}

TEST(ReadFile, refuses_more_than_its_limit) {
  const TempFolder folder;
  AtomicFile file(real_files(), folder / "x");
  file.append(bytes_of("hello"));
  file.publish();
  EXPECT_THROW(read_file(real_files(), folder / "x", 4), Error);
}

TEST(MakeFolders, makes_the_missing_parents) {
  const TempFolder folder;
  make_folders(real_files(), folder / "a/b/c");
  make_folders(real_files(), folder / "a/b/c");
  EXPECT_TRUE(std::filesystem::is_directory(folder / "a/b/c"));
}

TEST(RealFiles, lists_by_name_and_reads_short_at_the_end) {
  const TempFolder folder;
  make_folders(real_files(), folder / "b");
  AtomicFile file(real_files(), folder / "a");
  file.append(bytes_of("hello"));
  file.publish();
  const auto entries = real_files().list(folder.path());
  ASSERT_EQ(entries->size(), 2u);
  EXPECT_EQ(entries->front().name, "a");
  EXPECT_TRUE(entries->back().is_folder);
  const auto fd = real_files().open(folder / "a", 0);
  std::byte target[8];
  EXPECT_EQ(real_files().read_at(fd->get(), target, 3), 2u);
}

TEST(WriteOutput, replaces_a_file_but_nothing_else) {
  const TempFolder folder;
  write_output(folder / "a", "first");
  write_output(folder / "a", "second");
  EXPECT_EQ(read_text(folder / "a"), "second");
  const std::string pipe = folder / "pipe";
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  const UniqueFd reader(::open(pipe.c_str(), O_RDONLY | O_NONBLOCK));
  write_output(pipe, "third");
  char text[8] = {};
  EXPECT_EQ(::read(reader.get(), text, sizeof text), 5);
  EXPECT_STREQ(text, "third");
  EXPECT_FALSE(real_files().stat(pipe)->is_regular);
}

}  // namespace
}  // namespace headrace
