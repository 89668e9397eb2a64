// The index round-trips, and no truncation, flipped byte or lie is believed.
#include "headrace/formats/index.h"

#include <gmock/gmock.h>

#include "headrace/base/endian.h"
#include "headrace/base/error.h"
#include "headrace/base/faulty_files.h"
#include "headrace/base/temp_folder.h"
#include "headrace/formats/tar_builder.h"

namespace headrace::formats {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class IndexTest : public testing::Test {
 protected:
  // Three samples of two fields, the second without its first field.
  void write(const std::string& path, Files& files = real_files()) {
    IndexWriter writer(files, path, {"cls", "jpg"});
    for (uint64_t i = 0; i < 3; ++i) {
      const FieldExtent fields[] = {
          i == 1 ? FieldExtent{} : FieldExtent{.offset_bytes = i, .length_bytes = 1, .checksum = 7},
          {.offset_bytes = 512 * i, .length_bytes = 100 + i, .checksum = i}};
      writer.append(1024 * i, fields);
    }
    writer.publish({.source_size_bytes = 4096, .source_checksum = 42, .stamp = 43});
  }
  // Eight-aligned, as mapped bytes are.
  static std::expected<Index, IndexFailure> parse(const std::string& text,
                                                  std::vector<uint64_t>& storage,
                                                  BodyCheck check = BodyCheck::full) {
    storage.resize(text.size() / 8 + 1);
    std::memcpy(storage.data(), text.data(), text.size());
    return Index::over(std::as_bytes(std::span(storage)).first(text.size()), check);
  }

  TempFolder folder_;
  const std::string path_ = folder_ / "s.tar.hrx";
};

TEST_F(IndexTest, reads_back_what_was_written) {
  write(path_);
  const auto index = Index::open(real_files(), path_, BodyCheck::full);
  ASSERT_TRUE(index) << index.error().what;
  EXPECT_EQ(index->sample_count(), 3U);
  EXPECT_THAT(index->field_names(), ElementsAre("cls", "jpg"));
  EXPECT_EQ(index->facts().source_size_bytes, 4096U);
  EXPECT_EQ(index->facts().source_checksum, 42U);
  EXPECT_EQ(index->facts().stamp, 43U);
  EXPECT_EQ(index->record_offset_bytes(2), 2048U);
  EXPECT_EQ(index->fields(1)[0].length_bytes, k_absent);
  EXPECT_EQ(index->fields(2)[1].length_bytes, 102U);
}

TEST_F(IndexTest, many_samples_pass_through_the_writers_buffer_unharmed) {
  constexpr uint64_t k_count = 30'000;
  IndexWriter writer(real_files(), path_, {"jpg"});
  for (uint64_t i = 0; i < k_count; ++i) {
    writer.append(i, std::array{FieldExtent{.offset_bytes = i, .length_bytes = i, .checksum = i}});
  }
  writer.publish({});
  const auto index = Index::open(real_files(), path_, BodyCheck::full);
  ASSERT_TRUE(index);
  for (uint64_t i = 0; i < k_count; ++i) ASSERT_EQ(index->fields(i)[0].length_bytes, i);
}

TEST_F(IndexTest, damage_in_a_record_is_found_when_the_record_is_used_and_not_before) {
  constexpr uint64_t k_count = 2000, k_record_bytes = 32, k_records_at = 104, k_victim = 700;
  {
    IndexWriter writer(real_files(), path_, {"jpg"});
    for (uint64_t i = 0; i < k_count; ++i)
      writer.append(i, std::array{FieldExtent{.length_bytes = i}});
    writer.publish({});
  }
  std::string text = read_text(path_);
  text[k_records_at + k_victim * k_record_bytes + 20] ^= 1;
  std::vector<uint64_t> storage;
  EXPECT_FALSE(parse(text, storage));
  const auto index = parse(text, storage, BodyCheck::when_used);
  ASSERT_TRUE(index) << index.error().what;
  uint64_t damaged_count = 0;
  for (uint64_t i = 0; i < k_count; ++i) {
    EXPECT_FALSE(index->known_to_hold(i) && !index->holds(i));
    const bool same_block = i / 128 == k_victim / 128;
    EXPECT_EQ(index->holds(i), !same_block) << i;
    EXPECT_EQ(index->known_to_hold(i), !same_block) << i;
    damaged_count += same_block;
  }
  EXPECT_EQ(damaged_count, 128U);
}

TEST_F(IndexTest, released_pages_are_read_and_checked_again) {
  write(path_);
  const auto index = Index::open(real_files(), path_, BodyCheck::when_used);
  ASSERT_TRUE(index);
  EXPECT_FALSE(index->known_to_hold(1));
  EXPECT_TRUE(index->holds(1));
  EXPECT_TRUE(index->known_to_hold(1));
  index->release_pages();
  EXPECT_FALSE(index->known_to_hold(1));
  EXPECT_TRUE(index->holds(1));
  EXPECT_EQ(index->fields(2)[1].length_bytes, 102U);
}

TEST_F(IndexTest, every_truncation_is_refused) {
  write(path_);
  const std::string whole = read_text(path_);
  std::vector<uint64_t> storage;
  for (size_t size = 0; size < whole.size(); ++size) {
    EXPECT_FALSE(parse(whole.substr(0, size), storage)) << size;
    EXPECT_FALSE(parse(whole.substr(0, size), storage, BodyCheck::when_used)) << size;
  }
  EXPECT_FALSE(parse(whole + "x", storage));
}

TEST_F(IndexTest, every_flipped_bit_is_refused) {
  write(path_);
  const std::string whole = read_text(path_);
  std::vector<uint64_t> storage;
  for (size_t bit = 0; bit < whole.size() * 8; ++bit) {
    std::string flipped = whole;
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << (bit % 8)));
    EXPECT_FALSE(parse(flipped, storage)) << bit;
  }
}

TEST_F(IndexTest, a_later_version_is_named) {
  write(path_);
  std::string text = read_text(path_);
  text[8] = 3;
  std::vector<uint64_t> storage;
  EXPECT_THAT(parse(text, storage).error().what, HasSubstr("version 3; this build reads 2"));
}

TEST_F(IndexTest, counts_that_overflow_are_refused_even_with_true_checksums) {
  write(path_);
  for (const uint64_t count : {uint64_t{2}, uint64_t{4}, uint64_t{1} << 61, ~uint64_t{0}}) {
    std::string text = read_text(path_);
    auto* bytes = reinterpret_cast<std::byte*>(text.data());
    store_le(bytes + 16, count);
    Xxh3Stream hash;
    hash.update({bytes, 88});
    hash.update({bytes + 96, 8});
    store_le(bytes + 88, hash.digest());
    std::vector<uint64_t> storage;
    EXPECT_THAT(parse(text, storage).error().what, HasSubstr("does not fit")) << count;
  }
}

TEST_F(IndexTest, a_missing_file_is_told_from_a_damaged_one) {
  using enum IndexFailure::Kind;
  EXPECT_EQ(Index::open(real_files(), path_, BodyCheck::full).error().kind, missing);
  write_text(path_, "");
  EXPECT_EQ(Index::open(real_files(), path_, BodyCheck::full).error().kind, damaged);
  FaultyFiles faulty;
  faulty.fail(FileCall::stat, 1, EIO);
  EXPECT_EQ(Index::open(faulty, path_, BodyCheck::full).error().kind, unreadable);
}

TEST_F(IndexTest, paths_are_found_by_their_offset_and_never_beyond) {
  IndexWriter writer(real_files(), path_, {"jpg"});
  writer.append(0, std::array{FieldExtent{}});
  writer.append_paths(std::string_view("a/b.jpg\0folder\0", 15));
  writer.publish({.kind = IndexKind::image_folder, .folders_offset_bytes = 8});
  const auto index = Index::open(real_files(), path_, BodyCheck::full);
  ASSERT_TRUE(index) << index.error().what;
  EXPECT_EQ(index->path_at(0), "a/b.jpg");
  EXPECT_EQ(index->path_at(8), "folder");
  EXPECT_EQ(index->path_at(15), "");
  EXPECT_EQ(index->path_at(~uint64_t{0}), "");
}

TEST_F(IndexTest, a_full_disk_leaves_nothing) {
  for (const int nth : {1, 2, 3}) {
    FaultyFiles faulty;
    faulty.fail(FileCall::write, nth, ENOSPC);
    EXPECT_THROW(write(path_, faulty), Error) << nth;
    EXPECT_TRUE(std::filesystem::is_empty(folder_.path()));
  }
}

}  // namespace
}  // namespace headrace::formats
