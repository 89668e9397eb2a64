// The manifest round-trips; wrong types, sums and names that leave the folder are refused with a
// sentence.
#include "headrace/formats/manifest.h"

#include <gmock/gmock.h>

#include "headrace/base/error.h"
#include "headrace/base/temp_folder.h"
#include "headrace/formats/tar_builder.h"

namespace headrace::formats {
namespace {

using testing::HasSubstr;

Manifest example() {
  return {.shards = {{.name = "s-0.tar",
                      .index_name = "s-0.tar.hrx",
                      .sample_count = 3,
                      .size_bytes = 4096,
                      .checksum = 0x0123456789abcdef},
                     {.name = "s-1.tar",
                      .index_name = "s-1.tar.hrx",
                      .sample_count = 2,
                      .size_bytes = 2048,
                      .checksum = ~uint64_t{0}}},
          .field_names = {"cls", "jpg"},
          .class_names = {"cat", "d\"og"},
          .sample_count = 5,
          .size_bytes = 6144,
          .made_by = "headrace 0.1.0"};
}
std::string with(const std::string& from, const std::string& to) {
  std::string text = to_json(example());
  const size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return text.replace(at, from.size(), to);
}

TEST(Manifest, reads_back_what_was_written) {
  const TempFolder folder;
  EXPECT_FALSE(read_manifest(real_files(), folder.path()));
  write_manifest(real_files(), folder.path(), example());
  EXPECT_EQ(read_manifest(real_files(), folder.path()), example());
}

TEST(Manifest, every_truncation_is_refused_without_an_exception) {
  const std::string text = to_json(example());
  for (size_t size = 0; size + 2 < text.size(); ++size) {
    EXPECT_FALSE(parse_manifest(text.substr(0, size))) << size;
  }
}

TEST(Manifest, says_what_is_wrong) {
  const auto wrong = [](const std::string& from, const std::string& to) {
    const auto parsed = parse_manifest(with(from, to));
    return parsed ? std::string("nothing") : parsed.error();
  };
  EXPECT_THAT(wrong("\"s-0.tar\"", "\"../s-0.tar\""), HasSubstr("not a plain file name"));
  EXPECT_THAT(wrong("\"s-0.tar\"", "\"/etc/passwd\""), HasSubstr("not a plain file name"));
  EXPECT_THAT(wrong("\"s-0.tar.hrx\"", "\"a/b\""), HasSubstr("not a plain file name"));
  EXPECT_THAT(wrong("\"version\": 1", "\"version\": 2"), HasSubstr("version 2"));
  EXPECT_THAT(wrong("\"samples\": 5", "\"samples\": 6"), HasSubstr("totals"));
  EXPECT_THAT(wrong("\"samples\": 5", "\"samples\": -5"), HasSubstr("not a count"));
  EXPECT_THAT(wrong("\"samples\": 5", "\"samples\": 1e400"), testing::Not("nothing"));
  EXPECT_THAT(wrong("\"0123456789abcdef\"", "\"0x23456789abcdef\""), HasSubstr("hexadecimal"));
  EXPECT_THAT(wrong("\"made_by\"", "\"maid_by\""), HasSubstr("lacks \"made_by\""));
  EXPECT_THAT(wrong("\"cat\"", "7"), HasSubstr("something else than texts"));
}

TEST(Manifest, copies_come_back_and_damaged_ones_are_refused) {
  const Manifest manifest{.made_by = "a test",
                          .copies = {.seed = 7, .manifest_hashes = {1, ~uint64_t{0}}}};
  const std::string text = to_json(manifest);
  EXPECT_EQ(parse_manifest(text).value(), manifest);
  EXPECT_EQ(hash_of(*parse_manifest(text)), hash_of(manifest));
  const auto wrong = [&](const std::string& from, const std::string& to) {
    std::string spoiled = text;
    spoiled.replace(spoiled.find(from), from.size(), to);
    return parse_manifest(spoiled).error();
  };
  EXPECT_THAT(wrong("\"seed\": 7", "\"seed\": -7"), HasSubstr("not a count"));
  EXPECT_THAT(wrong("0000000000000001", "1"), HasSubstr("hexadecimal"));
  EXPECT_THAT(wrong("\"manifests\"", "\"manifest\""), HasSubstr("lacks \"manifests\""));
}

TEST(Manifest, deep_nesting_and_other_roots_are_refused) {
  EXPECT_FALSE(parse_manifest(std::string(100'000, '[')));
  for (const char* text : {"[]", "7", "null", "\"x\"", "{}", "{\"version\": 1}"}) {
    EXPECT_FALSE(parse_manifest(text)) << text;
  }
}

TEST(Manifest, a_bad_file_is_an_error_that_names_it) {
  const TempFolder folder;
  write_text(folder / "headrace.json", "{");
  try {
    read_manifest(real_files(), folder.path());
    FAIL();
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("headrace.json"));
  }
}

}  // namespace
}  // namespace headrace::formats
