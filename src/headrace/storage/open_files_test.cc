// The bound holds, files in use stay open, the least recently used goes first.
#include "headrace/storage/open_files.h"

#include <gtest/gtest.h>

#include <cerrno>

#include "headrace/base/error.h"
#include "headrace/base/faulty_files.h"
#include "headrace/base/temp_folder.h"

namespace headrace::storage {
namespace {

class OpenFilesTest : public testing::Test {
 protected:
  OpenFilesTest() {
    for (int i = 0; i < 6; ++i) {
      AtomicFile file(real_files(), folder_ / std::to_string(i));
      file.append(std::as_bytes(std::span("hello")));
      file.publish();
    }
  }
  OpenFiles open(size_t capacity) {
    return OpenFiles({.files = &files_, .capacity = capacity, .path_of = [this](uint64_t index) {
                        ++opened_count_;
                        return folder_ / std::to_string(index);
                      }});
  }
  TempFolder folder_;
  FaultyFiles files_;
  int opened_count_ = 0;
};

TEST_F(OpenFilesTest, asks_once_which_disk_a_file_lies_on) {
  int asked_count = 0;
  OpenFiles files({.files = &files_,
                   .capacity = 4,
                   .path_of = [this](uint64_t index) { return folder_ / std::to_string(index); },
                   .disk_of = [&](const io::File&) { return uint64_t{40} + ++asked_count; }});
  files.acquire(2);
  files.acquire(3);
  files.acquire(2);
  EXPECT_EQ(files.disk_of(2), 41U);
  EXPECT_EQ(files.disk_of(3), 42U);
  EXPECT_EQ(asked_count, 2);
}

TEST_F(OpenFilesTest, opens_a_file_once_while_it_stays_open) {
  OpenFiles files = open(4);
  const io::File* first = files.acquire(2);
  EXPECT_EQ(files.acquire(2), first);
  EXPECT_EQ(opened_count_, 1);
}

TEST_F(OpenFilesTest, closes_the_least_recently_used_idle_file) {
  OpenFiles files = open(2);
  for (const uint64_t index : {0, 1}) {
    files.acquire(index);
    files.release(index);
  }
  files.acquire(0);
  files.release(0);
  files.acquire(2);  // closes 1
  EXPECT_EQ(files.open_count(), 2u);
  files.acquire(0);
  EXPECT_EQ(opened_count_, 3);
}

TEST_F(OpenFilesTest, keeps_files_in_use_beyond_its_capacity) {
  OpenFiles files = open(2);
  const io::File* held = files.acquire(0);
  files.acquire(1);
  files.acquire(2);
  EXPECT_EQ(files.open_count(), 3u);
  EXPECT_EQ(files.acquire(0), held);
}

TEST_F(OpenFilesTest, shrinks_back_to_its_capacity_once_files_are_released) {
  OpenFiles files = open(2);
  for (const uint64_t index : {0, 1, 2, 3}) files.acquire(index);
  for (const uint64_t index : {0, 1, 2, 3}) files.release(index);
  files.acquire(4);
  EXPECT_EQ(files.open_count(), 2u);
}

TEST(OpenFilesCapacity, stays_within_what_the_process_may_open) {
  EXPECT_EQ(capacity_within(1024, 1'000'000), 1024u);
  EXPECT_EQ(capacity_within(1024, 1024), 448u);
  EXPECT_EQ(capacity_within(1024, 50), 1u);
  EXPECT_EQ(capacity_within(1024, ~uint64_t{0}), 1024u);
}

TEST_F(OpenFilesTest, says_which_file_cannot_be_opened) {
  files_.fail(FileCall::open, 1, EACCES);
  OpenFiles files = open(2);
  EXPECT_THROW(files.acquire(3), Error);
  files_.fail(FileCall::open, 0, 0);
  EXPECT_NE(files.acquire(3), nullptr);
}

}  // namespace
}  // namespace headrace::storage
