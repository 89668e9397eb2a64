// Items by the leaves of index.json, in place and unpacked, and damage; litdata itself in
// tests/conformance.
#include "headrace/formats/litdata.h"

#include <gmock/gmock.h>

#include "headrace/codec/codec.h"
#include "headrace/formats/damage.h"
#include "headrace/formats/shard_list.h"

namespace headrace::formats {
namespace {

using testing::HasSubstr;

constexpr std::string_view k_index =
    R"({"chunks": [], "config": {"data_format":
  ["bytes", "int", "numpy"], "encryption": null, "item_loader": "PyTreeLoader", "data_spec":
  "[1, {\"type\": \"builtins.dict\", \"context\": \"[\\\"jpg\\\", \\\"meta\\\"]\",)"
    R"( \"children_spec\": [{\"type\": null, \"context\": null,)"
    R"( \"children_spec\": []}, {\"type\": \"builtins.list\",)"
    R"( \"context\": \"null\", \"children_spec\": [{\"type\":)"
    R"( null, \"children_spec\": []}, {\"children_spec\": []}]}]}]"}})";

std::string u32_text(uint32_t value) {
  return {reinterpret_cast<const char*>(&value), sizeof value};
}

std::string item_of(const std::string& jpg, int64_t number) {
  const std::string array = u32_text(3) + u32_text(1) + u32_text(2) + "ab";
  return u32_text(static_cast<uint32_t>(jpg.size())) + u32_text(8) +
         u32_text(static_cast<uint32_t>(array.size())) + jpg +
         std::string(reinterpret_cast<const char*>(&number), 8) + array;
}

std::string chunk_of(const std::vector<std::string>& items) {
  std::string bodies;
  auto first = static_cast<uint32_t>(4 + 4 * (items.size() + 1));
  std::string head = u32_text(static_cast<uint32_t>(items.size())) + u32_text(first);
  for (const std::string& item : items) {
    bodies += item;
    head += u32_text(first + static_cast<uint32_t>(bodies.size()));
  }
  return head + bodies;
}

std::optional<std::string> read_chunk(std::span<const std::byte> bytes) {
  ScannedAll scanned;
  LitDataItems items(memory_source(bytes), {}, *litdata_leaves(k_index));
  while (true) {
    auto sample = items.next();
    if (!sample) return std::nullopt;
    if (!*sample) return content_of(scanned, bytes);
    for (const auto& [name, extent] : (*sample)->fields) {
      HR_CHECK(!leaves(extent, bytes.size()), "{}", name);
    }
    scanned.samples.push_back(std::move(**sample));
  }
}

const std::string k_small_chunk = chunk_of({item_of("first", -2), item_of("", 7)});
constexpr const char* k_small_content =
    "sample\njpg:firstmeta.0=-2\nmeta.1:absample\njpg:meta.0=7\nmeta.1:ab";

TEST(LitData, leaves_are_fields_by_their_path) {
  EXPECT_EQ(read_chunk(bytes_of(k_small_chunk)), k_small_content);
  EXPECT_EQ(recognize(memory_source(bytes_of(k_small_chunk))), &k_litdata_format);
  EXPECT_EQ(named_format("chunk-0-1.zstd.bin"), &k_litdata_format);
  LitDataItems from(memory_source(bytes_of(k_small_chunk)), {.sample_index = 1},
                    *litdata_leaves(k_index));
  EXPECT_EQ((**from.next()).key, "1");
  EXPECT_FALSE(*from.next());
}

TEST(LitData, a_folder_is_read_by_its_index_in_the_order_of_numbers_also_compressed) {
  const TempFolder folder;
  write_text(folder.path() + "/index.json", std::string(k_index));
  for (const char* name : {"chunk-0-10.bin", "chunk-0-9.bin", "chunk-1-0.bin"}) {
    write_text(folder.path() + "/" + name, k_small_chunk);
  }
  const auto list = find_shards(real_files(), folder.path());
  ASSERT_EQ(list->paths.size(), 3U);
  EXPECT_THAT(list->paths[0], HasSubstr("chunk-0-9.bin"));
  EXPECT_THAT(list->paths[2], HasSubstr("chunk-1-0.bin"));
  const auto packed = codec::compressed(codec::Kind::zstd, bytes_of(k_small_chunk), 3);
  ByteSource source = memory_source(packed);
  source.files = &real_files();
  source.path = list->paths[0];
  EXPECT_EQ(recognize(source), &k_litdata_format);
  EXPECT_EQ(content_of(*k_litdata_format.unpack(source)),
            "sample\njpg:firstmeta.0:-2meta.1:absample\njpg:meta.0:7meta.1:ab");
  for (size_t size = 0; size < packed.size(); ++size) {
    source = memory_source(std::span(packed).first(size));
    source.files = &real_files();
    source.path = list->paths[0];
    const auto reader = k_litdata_format.unpack(source);
    EXPECT_FALSE(reader && content_of(*reader)) << size;
  }
}

TEST(LitData, a_folder_without_an_index_and_kinds_that_are_not_read_say_so) {
  EXPECT_THAT(scan_all(k_litdata_format, bytes_of(k_small_chunk)).failure->what,
              HasSubstr("no index.json"));
  const auto why = [](std::string_view index) { return litdata_leaves(index).error(); };
  EXPECT_THAT(why("[]"), HasSubstr("no JSON object"));
  EXPECT_THAT(why(R"({"config": {"item_loader": "TokensLoader"}})"), HasSubstr("tokens"));
  EXPECT_THAT(why(R"({"config": {"encryption": {"level": "sample"}}})"), HasSubstr("encrypted"));
  EXPECT_THAT(why(R"({"config": {"data_format": ["int"]}})"), HasSubstr("lacks"));
  EXPECT_THAT(
      why(R"({"config": {"data_format": [], "data_spec": "[1, {\"children_spec\": []}]"}})"),
      HasSubstr("does not name 0"));
}

TEST(LitData, damage_of_offsets_and_sizes_is_told_or_stays_within_the_chunk) {
  EXPECT_EQ(unnoticed_cuts(k_small_chunk, read_chunk), 0U);
  EXPECT_GT(flip_each_bit(k_small_chunk, read_chunk).noticed_count, 250U);
}

}  // namespace
}  // namespace headrace::formats
