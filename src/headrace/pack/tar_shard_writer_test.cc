// A shard's tar and index agree with each other and with what was given.
#include "headrace/pack/tar_shard_writer.h"

#include <gmock/gmock.h>

#include "headrace/formats/shard_index.h"
#include "headrace/pack/picture_tree.h"

namespace headrace::pack {
namespace {

using testing::ElementsAre;

std::vector<std::byte> body_of(std::string_view text) {
  const auto bytes = bytes_of(text);
  return {bytes.begin(), bytes.end()};
}

TEST(TarShardWriter, its_index_equals_the_scan_of_its_tar_and_adds_checksums) {
  const TempFolder folder;
  TarShardWriter writer(real_files(), folder / "s.tar");
  for (int i = 0; i < 20; ++i) {
    std::vector<SourceField> fields = {{"cls", body_of("7")},
                                       {"jpg", body_of(fake_jpeg(1, 200'000))}};
    if (i == 9) fields.push_back({"abc", body_of("late")});
    if (i == 5) fields.erase(fields.begin());
    writer.add(fmt::format("{:09}", i), fields);
  }
  const WrittenShard written = writer.finish(99);
  EXPECT_THAT(written.field_names, ElementsAre("abc", "cls", "jpg"));
  const std::string tar = read_text(folder / "s.tar");
  EXPECT_EQ(written.size_bytes, tar.size());
  EXPECT_EQ(written.checksum, xxh3(tar));
  const auto index =
      formats::Index::open(real_files(), folder / "s.tar.hrx", formats::BodyCheck::full);
  ASSERT_TRUE(index);
  EXPECT_EQ(index->facts().stamp, 99U);
  std::filesystem::copy_file(folder / "s.tar", folder / "t.tar");
  const auto scanned =
      formats::open_shard_index(real_files(),
                                {.path = folder / "t.tar",
                                 .stat = real_files().stat(folder / "t.tar").value(),
                                 .cache_folder = ""},
                                formats::BodyCheck::full);
  ASSERT_EQ(scanned.index.sample_count(), index->sample_count());
  for (uint64_t i = 0; i < index->sample_count(); ++i) {
    EXPECT_EQ(index->record_offset_bytes(i), scanned.index.record_offset_bytes(i));
    for (size_t f = 0; f < 3; ++f) {
      EXPECT_EQ(index->fields(i)[f].offset_bytes, scanned.index.fields(i)[f].offset_bytes);
      EXPECT_EQ(index->fields(i)[f].length_bytes, scanned.index.fields(i)[f].length_bytes);
    }
  }
}

TEST(TarShardWriter, a_field_with_a_slash_stays_a_field) {
  const TempFolder folder;
  TarShardWriter writer(real_files(), folder / "s.tar");
  writer.add("0", {{.name = "image/encoded", .bytes = {std::byte{'x'}}}});
  EXPECT_EQ(writer.finish(1).field_names, std::vector<std::string>{"image.encoded"});
  const auto scanned = formats::open_shard_index(
      real_files(),
      {.path = folder / "s.tar", .stat = *real_files().stat(folder / "s.tar"), .cache_folder = {}},
      formats::BodyCheck::full);
  EXPECT_EQ(scanned.index.sample_count(), 1U);
}

TEST(TarShardWriter, not_finished_is_not_there) {
  const TempFolder folder;
  {
    TarShardWriter writer(real_files(), folder / "s.tar");
    writer.add("0", {{"jpg", body_of("x")}});
  }
  EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
}

}  // namespace
}  // namespace headrace::pack
