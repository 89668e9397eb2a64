// Scans make whole indexes or none, and salvage what lies before the place where a shard breaks
// off.
#include "headrace/formats/shard_scan.h"

#include <gmock/gmock.h>

#include <filesystem>

#include "headrace/base/faulty_files.h"
#include "headrace/base/temp_folder.h"
#include "headrace/formats/scan_all.h"
#include "headrace/formats/tar_builder.h"
#include "headrace/formats/tfrecord.h"

namespace headrace::formats {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class ShardScanTest : public testing::Test {
 protected:
  ShardScan scan(const std::string& archive, bool salvage, Files& files = real_files()) {
    write_text(path_, archive);
    const ShardPlace place{
        .path = path_, .stat = real_files().stat(path_).value(), .salvage = salvage};
    return scan_shard(files, place, index_path_);
  }
  Index index() { return Index::open(real_files(), index_path_, BodyCheck::full).value(); }
  bool left_something() {
    return std::distance(std::filesystem::directory_iterator(folder_.path()), {}) != 1;
  }

  TempFolder folder_;
  const std::string path_ = folder_ / "s.tar";
  const std::string index_path_ = folder_ / "s.hrx";
};

std::string archive() {
  return TarBuilder().add("1.jpg", "one").add("2.cls", "8").add("2.jpg", "two").finished();
}

TEST_F(ShardScanTest, a_name_that_comes_late_gets_its_slot_in_a_second_pass) {
  const ShardScan made = scan(archive(), false);
  EXPECT_TRUE(made.written);
  EXPECT_FALSE(made.failure);
  EXPECT_THAT(index().field_names(), ElementsAre("cls", "jpg"));
  EXPECT_EQ(index().facts().source_size_bytes, archive().size());
}

TEST_F(ShardScanTest, a_shard_that_breaks_off_has_no_index_unless_it_is_salvaged) {
  const std::string cut = archive().substr(0, 5 * 512);
  const ShardScan refused = scan(cut, false);
  EXPECT_FALSE(refused.written);
  EXPECT_EQ(refused.failure.value().offset_bytes, 2048U);
  EXPECT_FALSE(left_something());
  const ShardScan salvaged = scan(cut, true);
  EXPECT_TRUE(salvaged.written);
  EXPECT_EQ(salvaged.failure.value().offset_bytes, 2048U);
  ASSERT_EQ(index().sample_count(), 2U);
  EXPECT_FALSE(leaves(index().fields(1)[0], cut.size()));
  EXPECT_TRUE(leaves(index().fields(1)[1], cut.size()));
}

TEST_F(ShardScanTest, a_lost_record_has_each_field_of_the_others_to_fail_by) {
  std::string shard = encode_samples(k_tfrecord_format, 3);
  shard[k_tfrecord_head_bytes + 5] ^= 1;
  write_text(path_, shard);
  const ShardPlace place{.path = path_,
                         .stat = real_files().stat(path_).value(),
                         .cache_folder = folder_.path(),
                         .salvage = true,
                         .format = &k_tfrecord_format};
  const ShardScan made = scan_shard(real_files(), place, index_path_);
  EXPECT_TRUE(made.written && !made.failure);
  EXPECT_EQ(made.lost_count, 1U);
  EXPECT_EQ(made.first_lost_offset_bytes, 0U);
  ASSERT_THAT(index().field_names(), ElementsAre("cls", "jpg"));
  ASSERT_EQ(index().sample_count(), 3U);
  EXPECT_EQ(index().fields(0)[0], index().fields(0)[1]);
  EXPECT_EQ(index().fields(0)[0].offset_bytes, k_tfrecord_head_bytes);
  EXPECT_THAT(open_shard_index(real_files(), place, BodyCheck::full).note,
              HasSubstr("1 record does not fit its checksum, the first at byte 0"));
  ShardPlace strict = place;
  strict.salvage = false;
  EXPECT_EQ(scan_shard(real_files(), strict, index_path_).failure.value().offset_bytes, 0U);
}

TEST_F(ShardScanTest, too_many_fields_are_refused_even_where_a_shard_is_salvaged) {
  TarBuilder tar;
  for (size_t i = 0; i <= k_field_limit; ++i) tar.add(fmt::format("{}.f{}", i, i), "x");
  const ShardScan refused = scan(tar.finished(), true);
  EXPECT_FALSE(refused.written);
  EXPECT_THAT(refused.failure.value().what, HasSubstr("more than 64 different fields"));
  EXPECT_FALSE(left_something());
}

TEST_F(ShardScanTest, a_failing_read_breaks_a_scan_off) {
  FaultyFiles faulty;
  faulty.fail(FileCall::read, 1, EIO);
  EXPECT_THAT(scan(archive(), false, faulty).failure.value().what, HasSubstr("Input/output error"));
  EXPECT_FALSE(left_something());
}

}  // namespace
}  // namespace headrace::formats
