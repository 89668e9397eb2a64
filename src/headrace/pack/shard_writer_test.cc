// A shard of any format comes with an index that its own scan would make.
#include "headrace/pack/shard_writer.h"

#include <gtest/gtest.h>

#include "headrace/base/temp_folder.h"
#include "headrace/formats/index.h"
#include "headrace/formats/tar_builder.h"
#include "headrace/formats/verify.h"

namespace headrace::pack {
namespace {

SourceField field(const std::string& name, std::string_view text) {
  const auto bytes = std::as_bytes(std::span(text.data(), text.size()));
  return {.name = name, .bytes = {bytes.begin(), bytes.end()}};
}

TEST(ShardWriter, every_format_that_can_be_written_is_verified_with_its_index_and_checksums) {
  for (const formats::ShardFormat* format : formats::shard_formats()) {
    if (format->encode == nullptr && format->name != "webdataset") continue;
    const TempFolder folder;
    const std::string path = folder / ("s" + format->suffix);
    const auto writer = ShardWriter::make(real_files(), path, *format);
    for (int i = 0; i < 3; ++i) {
      writer->add(std::to_string(i), {field("cls", std::to_string(i)), field("jpg", "picture")});
    }
    const WrittenShard written = writer->finish(77);
    EXPECT_EQ(written.sample_count, 3U);
    EXPECT_EQ(written.checksum, xxh3(read_text(path)));
    const auto index = formats::Index::open(real_files(), path + formats::k_index_suffix,
                                            formats::BodyCheck::full);
    ASSERT_TRUE(index) << format->name;
    EXPECT_EQ(index->facts().stamp, 77U);
    EXPECT_EQ(index->field_names(), written.field_names);
    const auto result = formats::verify({path}, {.cache_folder = folder / "cache"});
    EXPECT_EQ(result.damage_count, 0U) << format->name << ": " << result.damages.front().what;
    EXPECT_GE(result.fields_checked, 3U) << format->name;
  }
}

}  // namespace
}  // namespace headrace::pack
