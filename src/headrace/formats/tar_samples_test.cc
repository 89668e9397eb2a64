// Members become samples as WebDataset groups them.
#include "headrace/formats/tar_samples.h"

#include <gmock/gmock.h>

#include "headrace/formats/tar_builder.h"

namespace headrace::formats {
namespace {

using testing::HasSubstr;

struct Scanned {
  std::vector<ScannedSample> samples;
  std::optional<ScanFailure> failure;
};
Scanned scan(const std::string& archive, CutMember cut_member = CutMember::fails) {
  TarSamples scanner(memory_source(bytes_of(archive)), {.cut_member = cut_member});
  Scanned scanned;
  while (true) {
    auto sample = scanner.next();
    if (!sample) scanned.failure = sample.error();
    if (!sample || !*sample) return scanned;
    scanned.samples.push_back(**sample);
  }
}

TEST(SampleScan, groups_consecutive_members_and_sorts_their_fields) {
  const std::string archive = TarBuilder()
                                  .add("1.jpg", "one")
                                  .add("1.cls", "7")
                                  .add("2.cls", "8")
                                  .add("1.jpg", "again")
                                  .finished();
  const auto [samples, failure] = scan(archive);
  ASSERT_FALSE(failure) << failure->what;
  ASSERT_EQ(samples.size(), 3U);
  EXPECT_EQ(samples[0].key, "1");
  ASSERT_EQ(samples[0].fields.size(), 2U);
  EXPECT_EQ(samples[0].fields[0].first, "cls");
  EXPECT_EQ(archive.substr(samples[0].fields[1].second.offset_bytes, 3), "one");
  EXPECT_EQ(samples[2].key, "1");
  EXPECT_EQ(samples[2].record_offset_bytes, 3072U);
}

TEST(SampleScan, dropped_members_do_not_part_a_sample) {
  const auto [samples, failure] = scan(TarBuilder()
                                           .add("1.cls", "7")
                                           .add("README", "x")
                                           .add("__meta__/a.jpg", "x")
                                           .add_raw("1.link", "", '2')
                                           .add("1.jpg", "x")
                                           .finished());
  ASSERT_EQ(samples.size(), 1U);
  EXPECT_EQ(samples[0].fields.size(), 2U);
}

TEST(SampleScan, a_field_that_comes_twice_names_the_member_and_its_place) {
  const auto [samples, failure] = scan(TarBuilder().add("1.jpg", "x").add("1.JPG", "y").finished());
  ASSERT_TRUE(failure);
  EXPECT_EQ(failure->offset_bytes, 1024U);
  EXPECT_THAT(failure->what, HasSubstr("'1.JPG'"));
}

TEST(SampleScan, leaves_out_what_is_marked_bad_and_refuses_names_that_webdataset_keeps) {
  const auto [samples, failure] = scan(TarBuilder()
                                           .add("1.jpg", "x")
                                           .add("2.__bad__", "it was cut")
                                           .add("2.jpg", "y")
                                           .add("3.__bad__", "")
                                           .add("3.jpg", "z")
                                           .finished());
  ASSERT_FALSE(failure) << failure->what;
  ASSERT_EQ(samples.size(), 2U);
  EXPECT_EQ(samples[1].key, "3");
  for (const char* name : {"1.__key__", "1.__url__", "1.__local_path__"}) {
    const auto refused = scan(TarBuilder().add("1.jpg", "x").add(name, "y").finished()).failure;
    ASSERT_TRUE(refused) << name;
    EXPECT_THAT(refused->what, HasSubstr("WebDataset keeps for itself"));
  }
}

TEST(SampleScan, limits_fields_and_their_names) {
  TarBuilder many;
  for (int i = 0; i < 65; ++i) many.add("1.f" + std::to_string(i), "x");
  EXPECT_TRUE(scan(many.finished()).failure);
  EXPECT_TRUE(scan(TarBuilder().add("1." + std::string(256, 'f'), "x").finished()).failure);
}

TEST(SampleScan, names_that_climb_are_harmless_to_read) {
  const auto [samples, failure] =
      scan(TarBuilder().add_raw("../../etc/x.jpg", "x").add_raw("/abs.jpg", "x").finished());
  ASSERT_EQ(samples.size(), 2U);
  EXPECT_EQ(samples[0].key, "../../etc/x");
}

TEST(SampleScan, an_empty_archive_has_no_samples) {
  EXPECT_TRUE(scan(TarBuilder().finished()).samples.empty());
  EXPECT_FALSE(scan(TarBuilder().finished()).failure);
  EXPECT_TRUE(scan("").failure);
}

TEST(SampleScan, the_sample_in_which_an_archive_breaks_off_comes_first_where_asked) {
  const std::string whole = TarBuilder()
                                .add("1.cls", "7")
                                .add("1.jpg", "one")
                                .add("2.cls", "8")
                                .add("2.jpg", "two")
                                .finished();
  const std::string cut = whole.substr(0, 7 * 512);  // the last header and nothing behind it
  EXPECT_EQ(scan(cut).samples.size(), 1U);
  const auto [samples, failure] = scan(cut, CutMember::comes_first);
  ASSERT_EQ(samples.size(), 2U);
  EXPECT_EQ(samples[1].key, "2");
  ASSERT_EQ(samples[1].fields.size(), 2U);
  EXPECT_EQ(samples[1].fields[1].second.offset_bytes, cut.size());
  EXPECT_EQ(samples[1].fields[1].second.length_bytes, 3U);
  ASSERT_TRUE(failure);
  EXPECT_THAT(failure->what, HasSubstr("claims 3 bytes where the file has 0 left"));
}

TEST(SampleScan, a_cut_between_two_members_loses_no_sample_that_was_whole) {
  const std::string whole = TarBuilder().add("1.jpg", "one").add("2.jpg", "two").finished();
  const auto [samples, failure] = scan(whole.substr(0, 4 * 512), CutMember::comes_first);
  EXPECT_EQ(samples.size(), 2U);
  EXPECT_THAT(failure.value().what, HasSubstr("cut off before its end block"));
}

TEST(SampleScan, a_cut_that_begins_a_sample_is_a_sample_of_its_own) {
  const std::string whole = TarBuilder().add("1.jpg", "one").add("2.jpg", "two").finished();
  const auto [samples, failure] = scan(whole.substr(0, 3 * 512), CutMember::comes_first);
  ASSERT_EQ(samples.size(), 2U);
  EXPECT_EQ(samples[1].record_offset_bytes, 1024U);
  EXPECT_TRUE(failure);
}

}  // namespace
}  // namespace headrace::formats
