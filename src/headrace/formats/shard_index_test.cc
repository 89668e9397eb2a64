// Indexes are believed while they fit, made again when they do not, and go to the cache when they
// cannot lie beside.
#include "headrace/formats/shard_index.h"

#include <gmock/gmock.h>

#include <filesystem>

#include "headrace/base/error.h"
#include "headrace/base/faulty_files.h"
#include "headrace/base/temp_folder.h"
#include "headrace/formats/tar_builder.h"

namespace headrace::formats {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class ShardIndexTest : public testing::Test {
 protected:
  ShardPlace place(const std::string& path) {
    return {
        .path = path, .stat = real_files().stat(path).value(), .cache_folder = folder_ / "cache"};
  }
  ShardIndex open(Files& files = real_files()) {
    return open_shard_index(files, place(path_), BodyCheck::full);
  }
  ShardIndex salvage() {
    ShardPlace damaged = place(path_);
    damaged.salvage = true;
    return open_shard_index(real_files(), damaged, BodyCheck::full);
  }
  static std::string archive(const std::string& body = "one") {
    return TarBuilder().add("1.cls", "7").add("1.jpg", body).add("2.jpg", "two").finished();
  }

  TempFolder folder_;
  const std::string path_ = folder_ / "s.tar";
};

TEST_F(ShardIndexTest, a_shard_is_scanned_once_and_its_index_lies_beside_it) {
  write_text(path_, archive());
  const ShardIndex made = open();
  EXPECT_EQ(made.health, IndexHealth::missing);
  EXPECT_EQ(made.path, path_ + ".hrx");
  EXPECT_EQ(made.index.sample_count(), 2U);
  EXPECT_EQ(made.index.fields(1)[0].length_bytes, k_absent);
  EXPECT_EQ(open().health, IndexHealth::present);
  EXPECT_THAT(std::distance(std::filesystem::directory_iterator(folder_.path()), {}), 2);
}

TEST_F(ShardIndexTest, a_field_that_first_comes_late_gets_its_slot) {
  TarBuilder tar;
  for (int i = 0; i < 50; ++i) tar.add(std::to_string(i) + ".jpg", "x");
  write_text(path_, tar.add("50.abc", "y").add("51.zip", "z").finished());
  const ShardIndex made = open();
  EXPECT_THAT(made.index.field_names(), ElementsAre("abc", "jpg", "zip"));
  EXPECT_EQ(made.index.sample_count(), 52U);
  EXPECT_EQ(made.index.fields(50)[0].length_bytes, 1U);
}

TEST_F(ShardIndexTest, where_the_index_cannot_lie_beside_it_goes_to_the_cache) {
  const std::string long_path = folder_ / std::string(250, 's');  // no room for a suffix
  write_text(long_path, archive());
  const ShardIndex made = open_shard_index(real_files(), place(long_path), BodyCheck::full);
  EXPECT_THAT(made.path, HasSubstr("/cache/indexes/"));
  const auto before = std::filesystem::last_write_time(made.path);
  const ShardIndex again = open_shard_index(real_files(), place(long_path), BodyCheck::full);
  EXPECT_EQ(again.path, made.path);
  EXPECT_EQ(std::filesystem::last_write_time(made.path), before);
}

TEST_F(ShardIndexTest, a_shard_that_grew_is_scanned_again_and_this_is_said) {
  write_text(path_, archive());
  open();
  write_text(path_, archive(std::string(2000, 'j')));
  const ShardIndex again = open();
  EXPECT_EQ(again.health, IndexHealth::stale);
  EXPECT_THAT(again.note, HasSubstr("disagrees with its shard"));
  EXPECT_EQ(again.index.fields(0)[1].length_bytes, 2000U);
  EXPECT_EQ(open().health, IndexHealth::present);
}

TEST_F(ShardIndexTest, a_shard_of_the_same_size_with_other_members_is_noticed) {
  write_text(path_, TarBuilder().add("1.jpg", std::string(600, 'a')).add("2.jpg", "b").finished());
  open();
  write_text(path_, TarBuilder().add("1.jpg", "b").add("2.jpg", std::string(600, 'a')).finished());
  const ShardIndex again = open();
  EXPECT_EQ(again.health, IndexHealth::stale);
  EXPECT_EQ(again.index.fields(0)[0].length_bytes, 1U);
}

TEST_F(ShardIndexTest, a_damaged_index_is_made_again) {
  write_text(path_, archive());
  const std::string good = (open(), read_text(path_ + ".hrx"));
  write_text(path_ + ".hrx", good.substr(0, good.size() - 1));
  EXPECT_EQ(check_shard_index(real_files(), place(path_), BodyCheck::full).first,
            IndexHealth::stale);
  EXPECT_EQ(open().health, IndexHealth::stale);
  EXPECT_EQ(read_text(path_ + ".hrx"), good);
}

TEST_F(ShardIndexTest, a_damaged_shard_is_an_error_with_its_byte) {
  write_text(path_, archive().substr(0, 1024));
  try {
    open();
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.parts().offset_bytes, 1024U);
    EXPECT_EQ(error.code(), Code::corrupt);
  }
  EXPECT_FALSE(std::filesystem::exists(path_ + ".hrx"));
}

TEST_F(ShardIndexTest, what_is_salvaged_is_never_taken_for_a_whole_shard_later) {
  write_text(path_, archive().substr(0, 5 * 512));
  const ShardIndex found = salvage();
  EXPECT_EQ(found.index.sample_count(), 2U);
  EXPECT_THAT(found.note, HasSubstr("breaks off at byte 2048: member '2.jpg' claims 3 bytes"));
  EXPECT_EQ(salvage().note, found.note);
  EXPECT_THROW(open(), Error);
  EXPECT_FALSE(std::filesystem::exists(path_ + ".hrx"));
}

TEST_F(ShardIndexTest, a_whole_index_tells_what_a_shard_lost_that_was_cut) {
  write_text(path_, archive());
  open();
  for (const uint64_t left_bytes : {5 * 512, 512, 0}) {
    write_text(path_, archive().substr(0, left_bytes));
    const ShardIndex found = salvage();
    EXPECT_EQ(found.path, path_ + ".hrx");
    EXPECT_EQ(found.index.sample_count(), 2U);
    EXPECT_THAT(found.note, HasSubstr("cut short"));
  }
  EXPECT_THROW(open(), Error);
}

TEST_F(ShardIndexTest, to_salvage_changes_nothing_for_a_shard_that_is_whole) {
  write_text(path_, archive());
  const ShardIndex made = salvage();
  EXPECT_EQ(made.path, path_ + ".hrx");
  EXPECT_EQ(made.note, "");
  EXPECT_EQ(open().health, IndexHealth::present);
}

TEST_F(ShardIndexTest, a_full_disk_everywhere_is_an_error_and_leaves_nothing_half_written) {
  write_text(path_, archive());
  FaultyFiles faulty;
  faulty.fail(FileCall::write, 1, ENOSPC);
  EXPECT_THROW(open(faulty), Error);
  EXPECT_TRUE(std::filesystem::is_empty(folder_ / "cache/indexes"));
  EXPECT_FALSE(std::filesystem::exists(path_ + ".hrx"));
}

TEST_F(ShardIndexTest, a_failing_read_of_the_shard_is_no_reason_to_believe_it) {
  write_text(path_, archive());
  FaultyFiles faulty;
  faulty.fail(FileCall::read, 1, EIO);
  EXPECT_THROW(open(faulty), Error);
}

TEST_F(ShardIndexTest, widening_keeps_records_and_adds_empty_slots) {
  write_text(path_, archive());
  const ShardIndex made = open();
  const Index wide =
      widened_index(real_files(), place(path_), made.index, {"aaa", "cls", "jpg", "zzz"});
  EXPECT_EQ(wide.fields(0)[0].length_bytes, k_absent);
  EXPECT_EQ(wide.fields(0)[1].offset_bytes, made.index.fields(0)[0].offset_bytes);
  EXPECT_EQ(wide.fields(1)[2].length_bytes, 3U);
  EXPECT_EQ(wide.record_offset_bytes(1), made.index.record_offset_bytes(1));
}

TEST_F(ShardIndexTest, health_has_a_name) { EXPECT_STREQ(name_of(IndexHealth::stale), "stale"); }

}  // namespace
}  // namespace headrace::formats
