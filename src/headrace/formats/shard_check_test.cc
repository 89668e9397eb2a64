// Fields that span the pieces in which a shard is read are hashed whole.
#include "headrace/formats/shard_check.h"

#include <gtest/gtest.h>

#include "headrace/base/temp_folder.h"
#include "headrace/formats/tar_builder.h"

namespace headrace::formats {
namespace {

TEST(ShardCheck, fields_larger_than_a_piece_are_checked) {
  const TempFolder folder;
  const std::string path = folder / "s.tar";
  const std::string big(3'500'000, 'b');
  TarBuilder tar;
  const std::string archive = tar.add("0.jpg", big).add("1.jpg", "").finished();
  write_text(path, archive);
  {
    IndexWriter writer(real_files(), path + ".hrx", {"jpg"});
    writer.append(0, std::array{FieldExtent{512, big.size(), xxh3(big)}});
    const uint64_t second = archive.size() - 1024 - 512;
    writer.append(second, std::array{FieldExtent{second + 512, 0, xxh3(std::string_view())}});
    writer.publish({.source_size_bytes = archive.size(), .source_checksum = xxh3(archive)});
  }
  std::vector<Damage> damages;
  uint64_t read_bytes = 0;
  const ShardCheck::Hooks hooks{
      .damage = [&](Damage damage) { damages.push_back(std::move(damage)); },
      .read = [&](uint64_t size_bytes) { return (read_bytes += size_bytes) > 0; }};
  ShardCheck check(real_files(), path, hooks);
  check.run(std::nullopt);
  EXPECT_TRUE(damages.empty()) << damages.front().what;
  EXPECT_EQ(check.fields_checked(), 2U);
  EXPECT_EQ(read_bytes, archive.size());
  ShardCheck against(real_files(), path, hooks);
  against.run(ManifestShard{.name = "s.tar",
                            .index_name = "s.tar.hrx",
                            .sample_count = 2,
                            .size_bytes = archive.size(),
                            .checksum = 1});
  EXPECT_EQ(damages.size(), 1U);
}

}  // namespace
}  // namespace headrace::formats
