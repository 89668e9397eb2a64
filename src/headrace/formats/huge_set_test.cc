// A billion samples are opened and looked up with the work and the memory of a few.
#include "headrace/formats/huge_set.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>
#include <fstream>

#include "headrace/base/error.h"
#include "headrace/base/faulty_files.h"
#include "headrace/base/temp_folder.h"
#include "headrace/formats/dataset.h"
#include "headrace/formats/tar_builder.h"

namespace headrace::formats {
namespace {

using testing::HasSubstr;

uint64_t resident_bytes() {
  std::ifstream file("/proc/self/statm");
  uint64_t total_pages = 0, resident_pages = 0;
  file >> total_pages >> resident_pages;
  return resident_pages * static_cast<uint64_t>(::sysconf(_SC_PAGESIZE));
}

TEST(HugeSet, a_billion_samples_open_as_few_files_as_ten_million) {
  TempFolder folder;
  std::vector<int> opens;
  for (const uint64_t shard_count : {100, 10'000}) {
    const std::string path = folder / std::to_string(shard_count);
    write_huge_set(path, shard_count);
    FaultyFiles files;
    files.fail(FileCall::open, 1 << 30, EIO);  // only counts
    const auto dataset = Dataset::open(path, {.files = &files, .cache_folder = folder / "cache"});
    EXPECT_EQ(dataset->sample_count(), shard_count * k_huge_samples_a_shard);
    EXPECT_TRUE(dataset->notes().empty());
    opens.push_back(files.seen());
  }
  EXPECT_EQ(opens[0], opens[1]);
  EXPECT_LT(opens[0], 200);
}

TEST(HugeSet, looking_anywhere_in_a_billion_samples_takes_bounded_memory) {
#ifdef __SANITIZE_THREAD__
  GTEST_SKIP() << "ThreadSanitizer keeps a shadow of all memory";
#endif
  TempFolder folder;
  write_huge_set(folder / "x", 10'000);  // 32 GB of indexes
  const auto dataset = Dataset::open(folder / "x", {.cache_folder = folder / "cache"});
  const uint64_t before_bytes = resident_bytes();
  uint64_t peak_bytes = 0;
  for (uint64_t i = 0; i < 20'000; ++i) {
    const uint64_t id = mix64(i) % dataset->sample_count();
    const Location location = dataset->locate(id);
    ASSERT_EQ(location.file_index, id / k_huge_samples_a_shard);
    ASSERT_EQ(location.fields[0].offset_bytes, id % k_huge_samples_a_shard * 1024 + 512);
    if (i % 500 == 0) peak_bytes = std::max(peak_bytes, resident_bytes());
  }
  EXPECT_LT(peak_bytes, before_bytes + (uint64_t{150} << 20));
}

TEST(HugeSet, what_is_wrong_with_a_shard_that_is_opened_late_is_said_when_it_is_used) {
  TempFolder folder;
  const std::string path = folder / "x";
  write_huge_set(path, 100);
  const auto replace = [&](const std::string& name, const std::string& text) {
    std::filesystem::remove(path + "/" + name);
    write_text(path + "/" + name, text);
  };
  std::string index = read_text(path + "/shard-0.tar.hrx");
  index[104 + 32 * 50'000] ^= 1;
  replace("shard-90.tar.hrx", index);
  replace("shard-91.tar.hrx", index.substr(0, index.size() - 1));
  const auto dataset = Dataset::open(path, {.cache_folder = folder / "cache"});
  EXPECT_NO_THROW(dataset->locate(90 * k_huge_samples_a_shard));
  const auto failure_of = [&](uint64_t id) -> std::string {
    try {
      dataset->locate(id);
    } catch (const Error& error) {
      return error.what();
    }
    return "";
  };
  EXPECT_THAT(failure_of(90 * k_huge_samples_a_shard + 50'000), HasSubstr("shard-90.tar.hrx"));
  EXPECT_THAT(failure_of(91 * k_huge_samples_a_shard), HasSubstr("shard-91.tar"));
  std::filesystem::remove(path + "/shard-99.tar");
  EXPECT_THAT([&] { Dataset::open(path, {.cache_folder = folder / "cache"}); },
              testing::ThrowsMessage<Error>(HasSubstr("shard-99.tar")));
}

}  // namespace
}  // namespace headrace::formats
