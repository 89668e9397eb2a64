// Each flipped byte of a shard is found, with its sample and place, and nothing ends the run early.
#include "headrace/formats/verify.h"

#include <gmock/gmock.h>

#include <filesystem>

#include "headrace/base/error.h"
#include "headrace/base/faulty_files.h"
#include "headrace/base/temp_folder.h"
#include "headrace/formats/index.h"
#include "headrace/formats/tar_builder.h"
#include "headrace/formats/tar_samples.h"
#include "headrace/formats/token_writer.h"

namespace headrace::formats {
namespace {

using testing::HasSubstr;

class VerifyTest : public testing::Test {
 protected:
  VerifyTest() { std::filesystem::create_directories(folder_ / "x"); }

  // A shard whose index has checksums, as pack writes it.
  std::string write_shard(const std::string& name, int sample_count) {
    TarBuilder tar;
    for (int i = 0; i < sample_count; ++i) {
      tar.add(std::to_string(i) + ".cls", "7");
      tar.add(std::to_string(i) + ".jpg", std::string(1000, static_cast<char>('a' + i % 26)));
    }
    const std::string archive = tar.finished(), path = folder_ / "x/" + name;
    write_text(path, archive);
    IndexWriter writer(real_files(), path + ".hrx", {"cls", "jpg"});
    TarSamples scanner(memory_source(bytes_of(archive)));
    for (auto sample = scanner.next(); sample && *sample; sample = scanner.next()) {
      std::vector<FieldExtent> slots;
      for (auto [field, extent] : (*sample)->fields) {
        extent.checksum = xxh3(archive.substr(extent.offset_bytes, extent.length_bytes));
        slots.push_back(extent);
      }
      writer.append((*sample)->record_offset_bytes, slots);
    }
    writer.publish({.source_size_bytes = archive.size(), .source_checksum = xxh3(archive)});
    return path;
  }
  VerifyResult run(Files& files = real_files()) {
    return verify({folder_ / "x"},
                  {.files = &files, .cache_folder = folder_ / "cache", .job_count = 2});
  }

  TempFolder folder_;
};

TEST_F(VerifyTest, whole_shards_have_no_damage_and_every_byte_is_read) {
  write_shard("a.tar", 30);
  write_shard("b.tar", 5);
  const VerifyResult result = run();
  EXPECT_EQ(result.damage_count, 0U);
  EXPECT_EQ(result.sample_count, 35U);
  EXPECT_EQ(result.fields_checked, 70U);
  EXPECT_EQ(result.bytes_read, std::filesystem::file_size(folder_ / "x/a.tar") +
                                   std::filesystem::file_size(folder_ / "x/b.tar"));
}

TEST_F(VerifyTest, every_flipped_byte_is_found) {
  const std::string path = write_shard("a.tar", 2);
  const std::string whole = read_text(path);
  for (size_t at = 0; at < whole.size(); at += 3) {
    std::string flipped = whole;
    flipped[at] = static_cast<char>(flipped[at] ^ 1);
    write_text(path, flipped);
    EXPECT_GE(run().damage_count, 1U) << at;
  }
}

TEST_F(VerifyTest, a_damaged_field_is_named_by_sample_and_place) {
  const std::string path = write_shard("a.tar", 3);
  std::string text = read_text(path);
  const size_t at = text.find(std::string(1000, 'b'));
  text[at + 500] = 'X';
  write_text(path, text);
  const VerifyResult result = run();
  ASSERT_EQ(result.damage_count, 2U);
  EXPECT_EQ(result.damages[0].key, "1");
  EXPECT_EQ(result.damages[0].offset_bytes, at);
  EXPECT_THAT(result.damages[1].what, HasSubstr("whole shard"));
}

TEST_F(VerifyTest, cut_missing_and_unreadable_shards_do_not_end_the_run) {
  const std::string cut = write_shard("a.tar", 3);
  write_shard("b.tar", 3);
  const std::string bad_index = write_shard("c.tar", 3);
  write_text(bad_index + ".hrx", "nonsense");
  std::filesystem::resize_file(cut, 3000);
  const VerifyResult result = run();
  EXPECT_GE(result.damage_count, 3U);
  EXPECT_EQ(result.file_count, 3U);
  FaultyFiles faulty;
  faulty.fail(FileCall::read, 5, EIO);
  EXPECT_GT(run(faulty).damage_count, result.damage_count);
}

TEST_F(VerifyTest, an_index_of_lies_with_true_checksums_is_found) {
  const std::string path = write_shard("a.tar", 3);
  const uint64_t size = read_text(path).size();
  IndexWriter writer(real_files(), path + ".hrx", {"jpg"});
  writer.append(0, std::array{FieldExtent{.offset_bytes = size, .length_bytes = 1}});
  writer.append(0, std::array{FieldExtent{.offset_bytes = 512, .length_bytes = ~uint64_t{0} - 9}});
  writer.append(0, std::array{FieldExtent{.offset_bytes = 512, .length_bytes = 4}});
  writer.append(0, std::array{FieldExtent{.offset_bytes = 513, .length_bytes = 4}});
  writer.publish({.source_size_bytes = size});
  EXPECT_GE(run().damage_count, 4U);
}

TEST_F(VerifyTest, several_data_sets_are_checked_as_one_whatever_each_is) {
  write_shard("a.tar", 3);
  std::filesystem::create_directories(folder_ / "y/c");
  write_text(folder_ / "y/c/1.jpg", "no image");
  const VerifyResult result =
      verify({folder_ / "y", folder_ / "x"}, {.cache_folder = folder_ / "cache"});
  EXPECT_EQ(result.file_count, 2U);
  EXPECT_EQ(result.sample_count, 4U);
  EXPECT_EQ(result.fields_checked, 6U);
  ASSERT_EQ(result.damage_count, 1U);
  EXPECT_EQ(result.damages[0].key, "c/1.jpg");
}

TEST_F(VerifyTest, an_image_tree_is_read_too) {
  std::filesystem::create_directories(folder_ / "x/c");
  write_text(folder_ / "x/c/1.jpg", "\xff\xd8\xff good");
  write_text(folder_ / "x/c/2.jpg", "no image");
  write_text(folder_ / "x/c/3.jpg", "");
  const VerifyResult result = run();
  EXPECT_EQ(result.sample_count, 3U);
  ASSERT_EQ(result.damage_count, 2U);
  EXPECT_EQ(result.damages[0].key, "c/2.jpg");
}

TEST_F(VerifyTest, pictures_are_looked_at_where_asked_with_and_without_an_index) {
  write_shard("a.tar", 30);
  std::filesystem::remove(write_shard("b.tar", 5) + ".hrx");
  std::atomic<int> seen = 0;
  const PictureCheck check = [&](std::span<const std::byte> bytes) -> std::optional<PictureFault> {
    ++seen;
    if (bytes[0] != std::byte{'c'}) return std::nullopt;
    return PictureFault{.what = "it shows a cat", .offset_bytes = 7};
  };
  const VerifyResult result =
      verify({folder_ / "x"}, {.cache_folder = folder_ / "cache", .check_picture = check});
  EXPECT_EQ(seen, 35);
  EXPECT_EQ(result.pictures_checked, 35U);
  ASSERT_EQ(result.damage_count, 3U);  // 2 and 28 of the one, 2 of the other
  EXPECT_EQ(result.damages[0].key, "2");
  EXPECT_EQ(result.damages[0].what, "the picture is broken: it shows a cat");
  EXPECT_EQ(result.damages[0].offset_bytes % 512, 7U);
}

TEST_F(VerifyTest, what_any_thread_throws_reaches_who_asked) {
  for (const char* name : {"a.tar", "b.tar", "c.tar", "d.tar"}) write_shard(name, 2);
  const auto check = [](std::span<const std::byte>) -> std::optional<PictureFault> {
    throw std::bad_alloc();
  };
  EXPECT_THROW(verify({folder_ / "x"},
                      {.cache_folder = folder_ / "cache", .job_count = 2, .check_picture = check}),
               std::bad_alloc);
}

TEST_F(VerifyTest, no_data_set_is_an_error) { EXPECT_THROW(run(), Error); }

TEST_F(VerifyTest, progress_ends_at_the_totals_and_a_stop_is_told) {
  write_shard("a.tar", 3);
  VerifyProgress last;
  VerifyOptions options{.cache_folder = folder_ / "cache"};
  options.progress = [&](const VerifyProgress& now) { last = now; };
  verify({folder_ / "x"}, options);
  EXPECT_EQ(last.bytes_done, last.bytes_total);
  EXPECT_EQ(last.files_done, 1U);
  std::stop_source stop;
  stop.request_stop();
  options.stop = stop.get_token();
  EXPECT_TRUE(verify({folder_ / "x"}, options).stopped);
}

TEST_F(VerifyTest, token_files_are_read_whole_and_their_index_is_checked) {
  {
    TokenWriter writer(real_files(), folder_ / "x/t", TokenType::uint16);
    for (int i = 0; i < 10; ++i) {
      writer.append(std::vector<std::byte>(400'000));
      writer.end_document();
    }
    writer.publish();
  }
  EXPECT_EQ(run().damage_count, 0U);
  EXPECT_EQ(run().sample_count, 10U);
  EXPECT_EQ(run().bytes_read, 4'000'000U);
  std::string index = read_text(folder_ / "x/t.idx");
  index[TokenIndex::k_header_bytes + 4 * 3 + 3] = '\x80';  // the fourth length, negative
  write_text(folder_ / "x/t.idx", index);
  const VerifyResult result = run();
  ASSERT_EQ(result.damage_count, 1U);
  EXPECT_EQ(result.damages[0].path, folder_ / "x/t.idx");
  EXPECT_EQ(result.damages[0].what, "sequence 3 has a negative length");
  EXPECT_EQ(result.damages[0].offset_bytes, TokenIndex::k_header_bytes + 12);
}

TEST_F(VerifyTest, tokens_that_cannot_be_read_are_damage) {
  TokenWriter writer(real_files(), folder_ / "x/t", TokenType::uint16);
  writer.append(std::vector<std::byte>(4000));
  writer.end_document();
  writer.publish();
  EXPECT_EQ(verify({folder_ / "x/t"}, {}).damage_count, 0U);  // by what both names share
  FaultyFiles files;
  files.fail(FileCall::read, 1, EIO);
  const VerifyResult result = run(files);
  ASSERT_EQ(result.damage_count, 1U);
  EXPECT_THAT(result.damages[0].what, HasSubstr("Input/output error"));
}

}  // namespace
}  // namespace headrace::formats
