// What is believed of a copy after a crash, and what is removed when.
#include "headrace/formats/unpacked_copy.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "headrace/base/temp_folder.h"
#include "headrace/formats/jsonl.h"
#include "headrace/formats/unpack.h"

namespace headrace::formats {
namespace {

constexpr int64_t k_day = 86'400'000'000'000;

class UnpackedCopyTest : public testing::Test {
 protected:
  UnpackedCopyTest() { write_text(shard_, "{\"text\": \"a\"}\n"); }
  ShardPlace place() {
    return {.path = shard_,
            .stat = real_files().stat(shard_).value(),
            .cache_folder = cache_,
            .format = &k_jsonl_format};
  }
  std::string unpack() { return readable_place(real_files(), place(), {}).path; }
  bool is_there() {
    const ShardPlace here = place();
    return UnpackedCopy(real_files(), here).is_there();
  }
  static void set_state(const std::string& copy, const std::string& state) {
    const std::string text = read_text(copy + ".lock");
    write_text(copy + ".lock", state + text.substr(text.find('\n')));
  }
  static void age(const std::string& path, int64_t seconds) {
    const struct timespec then = {.tv_sec = wall_now_ns() / 1'000'000'000 - seconds, .tv_nsec = 0};
    const struct timespec times[] = {then, then};
    ASSERT_EQ(::utimensat(AT_FDCWD, path.c_str(), times, 0), 0);
  }

  TempFolder folder_;
  std::string shard_ = folder_ / "a.jsonl", cache_ = folder_ / "cache";
};

TEST_F(UnpackedCopyTest, one_of_this_start_of_the_machine_is_believed_and_made_sure_of_later) {
  const std::string copy = unpack();
  EXPECT_TRUE(read_text(copy + ".lock").starts_with("made ")) << read_text(copy + ".lock");
  EXPECT_TRUE(is_there());
  EXPECT_TRUE(read_text(copy + ".lock").starts_with("made "));
  age(copy, 120);
  EXPECT_TRUE(is_there());
  EXPECT_TRUE(read_text(copy + ".lock").starts_with("synced\n" + shard_ + "\n"));
  EXPECT_TRUE(is_there());
}

TEST_F(UnpackedCopyTest, one_that_a_crash_may_have_spoiled_is_made_again) {
  const std::string copy = unpack(), whole = read_text(copy);
  for (const char* state : {"made another-start", "", "no state"}) {
    write_text(copy, std::string(whole.size(), '\0'));
    set_state(copy, state);
    EXPECT_FALSE(is_there()) << state;
    EXPECT_EQ(unpack(), copy);
    EXPECT_EQ(read_text(copy), whole) << state;
  }
  set_state(copy, "synced");
  EXPECT_TRUE(is_there());
}

TEST_F(UnpackedCopyTest, one_whose_shard_is_gone_or_changed_goes_after_a_day) {
  const std::string copy = unpack();
  write_text(shard_, "{\"text\": \"ab\"}\n");
  let_go_of_unused(real_files(), cache_, wall_now_ns() + k_day / 2);
  EXPECT_TRUE(real_files().stat(copy));
  let_go_of_unused(real_files(), cache_, wall_now_ns() + 2 * k_day);
  EXPECT_FALSE(real_files().stat(copy));
  EXPECT_TRUE(real_files().list(cache_ + "/unpacked")->empty());
  const std::string other = unpack();
  std::filesystem::remove(shard_);
  let_go_of_unused(real_files(), cache_, wall_now_ns() + 2 * k_day);
  EXPECT_FALSE(real_files().stat(other));
}

TEST_F(UnpackedCopyTest, one_that_no_run_uses_goes_after_thirty_days) {
  const std::string copy = unpack();
  write_text(cache_ + "/indexes/a.hrx", "x");
  let_go_of_unused(real_files(), cache_, wall_now_ns() + 29 * k_day);
  EXPECT_TRUE(real_files().stat(copy));
  EXPECT_TRUE(real_files().stat(cache_ + "/indexes/a.hrx"));
  age(copy + ".lock", 20 * 86'400);
  EXPECT_TRUE(is_there());  // a use
  let_go_of_unused(real_files(), cache_, wall_now_ns() + 29 * k_day);
  EXPECT_TRUE(real_files().stat(copy));
  let_go_of_unused(real_files(), cache_, wall_now_ns() + 31 * k_day);
  EXPECT_FALSE(real_files().stat(copy));
  EXPECT_FALSE(real_files().stat(cache_ + "/indexes/a.hrx"));
  EXPECT_EQ(unpack(), copy);
}

TEST_F(UnpackedCopyTest, one_that_is_being_made_stays) {
  const std::string copy = unpack();
  const ShardPlace here = place();
  UnpackedCopy holder(real_files(), here);
  holder.lock();
  let_go_of_unused(real_files(), cache_, wall_now_ns() + 99 * k_day);
  EXPECT_TRUE(real_files().stat(copy));
}

}  // namespace
}  // namespace headrace::formats
