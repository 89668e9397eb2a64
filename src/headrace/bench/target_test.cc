// A target is measured as it is, nothing that was there is written, and nothing is left behind.
#include "headrace/bench/target.h"

#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>

#include "headrace/base/error.h"
#include "headrace/base/temp_folder.h"

namespace headrace::bench {
namespace {

using ::testing::HasSubstr;

std::string refusal_of(const TargetOptions& options) {
  try {
    (void)Target::open(options);
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

TEST(Target, a_folder_gets_a_scratch_file_of_known_bytes_that_has_no_name) {
  const TempFolder folder;
  uint64_t filled_bytes = 0;
  {
    const Target target =
        Target::open({.path = folder.path(),
                      .size_bytes = (uint64_t{4} << 20) + 12345,
                      .writable = true,
                      .on_filled = [&](uint64_t bytes) { filled_bytes = bytes; }});
    EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
    const auto file = target.open_file(io::Caching::page, false);
    EXPECT_EQ(file->size_bytes(), (uint64_t{4} << 20) + 12345);
    std::vector<std::byte> bytes(100'001);
    ASSERT_EQ(real_files().read_at(file->fd(), bytes, 4'100'003), bytes.size());
    EXPECT_EQ(wrong_in_pattern(4'100'003, bytes), std::nullopt);
    bytes[77'777] ^= std::byte{1};
    EXPECT_EQ(wrong_in_pattern(4'100'003, bytes), 4'100'003u + 77'777);
  }
  EXPECT_EQ(filled_bytes, (uint64_t{4} << 20) + 12345);
}

TEST(Target, what_was_there_is_read_but_never_written) {
  const TempFolder folder;
  std::ofstream(folder / "mine") << "precious";
  EXPECT_EQ(Target::open({.path = folder / "mine"}).kind(), "file");
  EXPECT_THAT(refusal_of({.path = folder / "mine", .writable = true}),
              HasSubstr("it was there before this benchmark"));
  EXPECT_EQ(std::filesystem::file_size(folder / "mine"), 8u);
}

TEST(Target, what_is_no_storage_is_refused_with_the_reason) {
  EXPECT_THAT(refusal_of({.path = "/dev/null"}), HasSubstr("neither a file, a folder nor"));
  EXPECT_THAT(refusal_of({.path = "/nowhere/at/all"}), HasSubstr("No such file"));
}

TEST(Target, a_stop_while_filling_is_an_interruption) {
  const TempFolder folder;
  std::stop_source stop;
  stop.request_stop();
  try {
    (void)Target::open({.path = folder.path(), .stop = stop.get_token()});
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Code::interrupted);
  }
  EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
}

TEST(Target, dropped_pages_are_gone_or_counted) {
  const TempFolder folder;
  const Target target = Target::open({.path = folder.path(), .size_bytes = 1 << 20});
  const double stayed = target.drop_pages();
  EXPECT_GE(stayed, 0);
  EXPECT_LE(stayed, 1);  // a file system in memory keeps them all
}

}  // namespace
}  // namespace headrace::bench
