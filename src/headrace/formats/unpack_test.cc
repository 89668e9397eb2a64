// Packed shards are unpacked once, whole or not at all, and anew when they change.
#include "headrace/formats/unpack.h"

#include <gtest/gtest.h>

#include <thread>

#include "headrace/base/error.h"
#include "headrace/base/faulty_files.h"
#include "headrace/base/temp_folder.h"
#include "headrace/formats/jsonl.h"

namespace headrace::formats {
namespace {

class UnpackTest : public testing::Test {
 protected:
  ShardPlace place() {
    return {.path = shard_,
            .stat = real_files().stat(shard_).value(),
            .cache_folder = folder_.path() + "/cache",
            .format = &k_jsonl_format};
  }
  TempFolder folder_;
  std::string shard_ = folder_.path() + "/a.jsonl";
};

TEST_F(UnpackTest, the_copy_is_made_once_and_read_like_any_shard) {
  write_text(shard_, "{\"text\": \"a\\n\", \"label\": 7}\n{\"text\": \"\"}\n");
  int told = 0;
  const UnpackOptions options{.on_read = [&](uint64_t) { return ++told > 0; }};
  const ShardPlace copy = readable_place(real_files(), place(), options);
  EXPECT_TRUE(copy.path.ends_with("/a.jsonl.tfrecord")) << copy.path;
  EXPECT_EQ(told, 1);
  EXPECT_EQ(readable_place(real_files(), place(), options).path, copy.path);
  EXPECT_EQ(told, 1);
  const ShardIndex found = open_shard_index(real_files(), copy, BodyCheck::full);
  ASSERT_EQ(found.index.sample_count(), 2U);
  EXPECT_EQ(found.index.field_names(), (std::vector<std::string>{"label", "text"}));
  EXPECT_EQ(found.index.fields(0)[0].length_bytes, k_inline);
  EXPECT_EQ(found.index.fields(0)[0].offset_bytes, 7U);
  EXPECT_EQ(found.index.fields(0)[1].length_bytes, 2U);
  EXPECT_EQ(found.index.fields(1)[0].length_bytes, k_absent);
}

TEST_F(UnpackTest, a_changed_shard_is_unpacked_anew) {
  write_text(shard_, "{\"text\": \"a\"}\n");
  const std::string before = readable_place(real_files(), place(), {}).path;
  write_text(shard_, "{\"text\": \"ab\"}\n");
  EXPECT_NE(readable_place(real_files(), place(), {}).path, before);
}

TEST_F(UnpackTest, a_damaged_shard_leaves_no_copy_and_says_where) {
  write_text(shard_, "{\"text\": \"a\"}\n{\"text\": \"b\n");
  try {
    (void)readable_place(real_files(), place(), {});
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Code::corrupt);
    EXPECT_EQ(error.parts().offset_bytes, 14U);
    EXPECT_TRUE(error.parts().cause.starts_with("line 2: ")) << error.what();
  }
  const std::string cache = folder_.path() + "/cache/unpacked";
  const auto folders = real_files().list(cache).value();
  ASSERT_EQ(folders.size(), 1U);
  const auto left = real_files().list(cache + "/" + folders[0].name).value();
  ASSERT_EQ(left.size(), 1U);
  EXPECT_TRUE(left[0].name.ends_with(".lock")) << left[0].name;
}

TEST_F(UnpackTest, many_at_once_make_one_copy) {
  std::string text;
  for (int i = 0; i < 50'000; ++i) text += "{\"n\": " + std::to_string(i) + "}\n";
  write_text(shard_, text);
  std::atomic<int> makers = 0;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 4; ++i) {
      threads.emplace_back([&] {
        bool told = false;
        const auto copy = readable_place(real_files(), place(),
                                         {.on_read = [&](uint64_t) { return told = true; }});
        makers += told ? 1 : 0;
        EXPECT_GT(copy.stat.size_bytes, text.size());
      });
    }
  }
  EXPECT_EQ(makers, 1);
}

TEST_F(UnpackTest, a_full_disk_is_told_with_what_to_do) {
  write_text(shard_, "{\"text\": \"a\"}\n");
  FaultyFiles faulty;
  faulty.fail(FileCall::write, 1, ENOSPC);
  try {
    (void)readable_place(faulty, place(), {});
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Code::no_space);
    EXPECT_TRUE(error.parts().hint.contains("HEADRACE_CACHE")) << error.what();
  }
}

TEST_F(UnpackTest, stopping_it_leaves_no_copy) {
  write_text(shard_, "{\"text\": \"" + std::string(3 << 20, 'x') + "\"}\n{}\n");
  const UnpackOptions stop{.on_read = [](uint64_t) { return false; }};
  EXPECT_THROW((void)readable_place(real_files(), place(), stop), Error);
  const auto copy = readable_place(real_files(), place(), {});
  EXPECT_EQ(open_shard_index(real_files(), copy, BodyCheck::full).index.sample_count(), 2U);
}

}  // namespace
}  // namespace headrace::formats
