// Stored and compressed archives, what is refused, and damage: CRC-32 finds all of it.
#include "headrace/formats/npz.h"

#include <gmock/gmock.h>

#include "headrace/formats/damage.h"
#include "headrace/formats/npy.h"
#include "headrace/formats/shard_list.h"
#include "headrace/formats/zip_builder.h"

namespace headrace::formats {
namespace {

using testing::HasSubstr;

const std::string k_elements = "abcdefghijkl";

std::string small_npz(bool deflated) {
  return ZipBuilder()
      .add("x.npy", npy_of("<f4", "(3,)", k_elements), deflated)
      .add("y.npy", npy_of("<i2", "()", "\xfe\xff"), deflated)
      .add("note", "as it is", deflated)
      .finished();
}

TEST(Npz, arrays_are_fields_where_they_lie_and_lone_integers_are_values) {
  const std::string file = small_npz(false);
  EXPECT_EQ(recognize(memory_source(bytes_of(file))), &k_npz_format);
  EXPECT_EQ(k_npz_format.unpack(memory_source(bytes_of(file))), nullptr);
  const auto [samples, failure] = scan_all(k_npz_format, bytes_of(file));
  ASSERT_FALSE(failure) << failure->what;
  ASSERT_EQ(samples.size(), 1U);
  const auto& fields = samples[0].fields;
  ASSERT_EQ(fields.size(), 3U);
  EXPECT_EQ(fields[1].first, "x");
  EXPECT_EQ(file.substr(fields[1].second.offset_bytes, fields[1].second.length_bytes), k_elements);
  EXPECT_NE(fields[1].second.checksum, 0U) << "so that a later read is compared";
  EXPECT_EQ(static_cast<int64_t>(fields[2].second.offset_bytes), -2);
  const auto again = k_npz_format.scan(memory_source(bytes_of(file)), {.places_only = true});
  EXPECT_TRUE(
      agrees(**again->next(), std::array{fields[0].second, fields[1].second, fields[2].second}));
}

TEST(Npz, a_compressed_archive_is_unpacked_to_the_same_fields) {
  const std::string file = small_npz(true);
  EXPECT_EQ(content_of(k_npz_format, bytes_of(file)), "sample\nnote:as it isx:abcdefghijkly:-2");
  EXPECT_THAT(scan_all(k_npz_format, bytes_of(file)).failure->what, HasSubstr("compressed"));
}

TEST(Npz, every_flipped_bit_is_told_or_changes_nothing_and_every_cut_is_told) {
  for (const bool deflated : {false, true}) {
    const std::string file = small_npz(deflated);
    const auto read = [](std::span<const std::byte> bytes) {
      return content_of(k_npz_format, bytes);
    };
    const Flips flips = flip_each_bit(file, read);
    EXPECT_EQ(flips.silent_count, 0U);
    EXPECT_GT(flips.noticed_count, file.size() * 6);
    EXPECT_EQ(unnoticed_cuts(file, read), 0U);
  }
}

TEST(Npz, an_array_among_pictures_does_not_make_a_data_set) {
  const TempFolder folder;
  write_text(folder.path() + "/a.npz", small_npz(false));
  EXPECT_EQ(find_shards(real_files(), folder.path())->format, &k_npz_format);
  write_text(folder.path() + "/a.jpg", "picture");
  EXPECT_FALSE(find_shards(real_files(), folder.path()));
}

TEST(Npz, what_is_no_plain_array_is_refused_with_its_name) {
  const auto told = [](const std::string& name, const std::string& body) {
    const std::string file = ZipBuilder().add(name, body).finished();
    const auto failure = scan_all(k_npz_format, bytes_of(file)).failure;
    return failure ? failure->what : "";
  };
  EXPECT_THAT(told("x.npy", npy_of("|O", "(1,)", "12345678")), HasSubstr("x.npy: its elements"));
  EXPECT_THAT(told("x.npy", npy_of(">f4", "(1,)", "1234")), HasSubstr("big-endian"));
  EXPECT_THAT(told("x.npy", npy_of("<f4", "(2,)", "1234")), HasSubstr("calls for 8 bytes"));
  EXPECT_THAT(told("x.npy", npy_of("<f4", "(4611686018427387904, 16)", "")), HasSubstr("calls"));
  EXPECT_THAT(told(".npy", npy_of("|u1", "(1,)", "1")), HasSubstr("no field's name"));
  // An integer whose head alone is as long as heads may be.
  std::string far = npy_of("<i2", "()", "");
  far.insert(far.size() - 1, k_npy_head_bytes_max - far.size(), ' ');
  const uint64_t head_bytes = k_npy_head_bytes_max - 10;
  far[8] = static_cast<char>(head_bytes & 0xff);
  far[9] = static_cast<char>(head_bytes >> 8);
  const std::string lone = ZipBuilder().add("x.npy", far + "\xfe\xff").finished();
  const auto found = scan_all(k_npz_format, bytes_of(lone));
  ASSERT_FALSE(found.failure) << found.failure->what;
  EXPECT_EQ(static_cast<int64_t>(found.samples[0].fields[0].second.offset_bytes), -2);
  const std::string twice = ZipBuilder().add("x", "1").add("x", "2").finished();
  EXPECT_THAT(scan_all(k_npz_format, bytes_of(twice)).failure->what, HasSubstr("twice"));
}

}  // namespace
}  // namespace headrace::formats
