// What the kernel says of pages, against pages that were just written and pages that were let go.
#include "headrace/storage/page_cache.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <linux/magic.h>
#include <sys/vfs.h>

#include "headrace/base/faulty_files.h"
#include "headrace/base/temp_folder.h"

namespace headrace::storage {
namespace {

constexpr size_t k_file_bytes = size_t{4} << 20;

std::string written(const TempFolder& folder, const std::string& name) {
  std::string path = folder / name;
  write_text(path, std::string(k_file_bytes, 'x'));
  return path;
}

void let_go(const std::string& path) {
  const UniqueFd fd = real_files().open(path, O_RDWR).value();
  ASSERT_TRUE(real_files().sync(fd.get()));
  ASSERT_EQ(::posix_fadvise(fd.get(), 0, 0, POSIX_FADV_DONTNEED), 0);
}

TEST(PageCache, files_that_were_just_written_lie_in_memory) {
  const TempFolder folder;
  const std::vector<std::string> paths = {written(folder, "a"), written(folder, "b")};
  const PageSample sample = sample_pages(real_files(), paths);
  EXPECT_EQ(sample.looked_at_count, k_sampled_pages);
  EXPECT_EQ(sample.in_memory_count, k_sampled_pages);
  EXPECT_TRUE(sample.is_in_memory());
}

TEST(PageCache, one_file_of_two_on_disk_is_found_and_looking_brings_nothing_to_memory) {
  const TempFolder folder;
  const std::vector<std::string> paths = {written(folder, "a"), written(folder, "b")};
  struct ::statfs found = {};
  ASSERT_EQ(::statfs(paths[1].c_str(), &found), 0);
  if (found.f_type == TMPFS_MAGIC) GTEST_SKIP() << "memory is all that tmpfs has";
  let_go(paths[1]);
  for (int look = 0; look < 2; ++look) {
    const PageSample sample = sample_pages(real_files(), paths);
    EXPECT_FALSE(sample.is_in_memory()) << look;
    EXPECT_LE(sample.in_memory_count, k_sampled_pages / 2 + 16) << look;
  }
}

TEST(PageCache, what_cannot_be_opened_or_asked_is_not_in_memory) {
  const TempFolder folder;
  const std::vector<std::string> paths = {written(folder, "a")};
  EXPECT_FALSE(sample_pages(real_files(), {}).is_in_memory());
  for (const FileCall call : {FileCall::open, FileCall::stat}) {
    FaultyFiles faulty;
    faulty.fail(call, 1, EIO);
    EXPECT_FALSE(sample_pages(faulty, paths).is_in_memory());
  }
}

TEST(PageCache, a_page_of_sixty_four_may_be_missing) {
  EXPECT_TRUE((PageSample{.looked_at_count = 640, .in_memory_count = 630}).is_in_memory());
  EXPECT_FALSE((PageSample{.looked_at_count = 640, .in_memory_count = 629}).is_in_memory());
}

TEST(PageCache, maps_of_network_file_systems_are_not_trusted) {
  EXPECT_TRUE(is_mapped_safely(uint64_t{EXT4_SUPER_MAGIC}));
  EXPECT_FALSE(is_mapped_safely(uint64_t{NFS_SUPER_MAGIC}));
  EXPECT_FALSE(is_mapped_safely(uint64_t{FUSE_SUPER_MAGIC}));
  EXPECT_FALSE(is_mapped_safely("/nowhere/at/all"));
}

}  // namespace
}  // namespace headrace::storage
