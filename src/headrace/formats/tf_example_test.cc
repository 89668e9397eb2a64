// Features by shape, in messages put together by hand.
#include "headrace/formats/tf_example.h"

#include <gmock/gmock.h>

#include <map>

#include "headrace/base/hash.h"

#include "headrace/formats/tar_builder.h"

namespace headrace::formats {
namespace {

using std::string_literals::operator""s;
using testing::HasSubstr;
using testing::SizeIs;

std::string field(char number, const std::string& content) {
  std::string head{static_cast<char>(number << 3 | 2)};
  if (content.size() >= 128) head += static_cast<char>(content.size() % 128 + 128);
  head += static_cast<char>(content.size() >= 128 ? content.size() / 128 : content.size());
  return head + content;
}
std::string feature(const std::string& name, char kind, const std::string& list) {
  return field(1, field(1, name) + field(2, field(kind, list)));
}
std::expected<ScannedSample, std::string> read(const std::string& record) {
  ScannedSample sample;
  const auto added = add_features(bytes_of(record), 1000, sample);
  if (!added) return std::unexpected(added.error());
  for (const auto& [name, extent] : sample.fields) {
    if (extent.length_bytes == k_inline) continue;
    EXPECT_EQ(extent.checksum, xxh3(std::string_view(record).substr(extent.offset_bytes - 1000,
                                                                    extent.length_bytes)));
  }
  return sample;
}

TEST(TfExample, fields_are_single_values_and_lists_by_names_that_say_how_they_lie) {
  const auto sample = read(field(
      1, feature("image", 1, field(1, "abc")) + feature("empty", 1, "") +
             feature("two", 1, field(1, "a") + field(1, "b")) +
             feature("label", 3, field(1, "\x07")) + field(1, field(1, "none") + field(2, "")) +
             feature("minus", 3, "\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01") +
             feature("many", 3, field(1, "\x01\x02")) + feature("box", 2, field(1, "12345678")) +
             feature("bare", 2,
                     "\x0d"
                     "1234") +
             field(1, field(1, "nothing"))));
  ASSERT_TRUE(sample) << sample.error();
  std::map<std::string, FieldExtent> fields(sample->fields.begin(), sample->fields.end());
  EXPECT_THAT(fields, SizeIs(8)) << "a feature that holds nothing makes none";
  EXPECT_EQ(fields.at("image").length_bytes, 3U);
  EXPECT_EQ(fields.at("box.f32").length_bytes, 8U);
  EXPECT_EQ(fields.at("bare.f32").length_bytes, 4U);
  EXPECT_EQ(fields.at("many.varint").length_bytes, 2U);
  EXPECT_EQ(fields.at("two.strings").length_bytes, 6U) << "with the heads of both";
  EXPECT_EQ(fields.at("empty.strings").length_bytes, 0U);
  EXPECT_EQ(fields.at("label").offset_bytes, 7U);
  EXPECT_EQ(fields.at("label").length_bytes, k_inline);
  EXPECT_EQ(static_cast<int64_t>(fields.at("minus").offset_bytes), -1);
}

TEST(TfExample, lists_of_numbers_that_were_not_packed_make_no_field) {
  const auto sample = read(field(1, feature("many", 3, "\x08\x01\x08\x02") + feature("box", 2,
                                                                                     "\x0d"
                                                                                     "1234\x0d"
                                                                                     "5678")));
  ASSERT_TRUE(sample) << sample.error();
  EXPECT_TRUE(sample->fields.empty());
}

TEST(TfExample, of_a_sequence_example_the_context_counts_and_lists_of_one_step) {
  const std::string step = field(1, field(1, field(1, "frame")));  // a Feature of one bytes value
  const auto sample = read(field(1, feature("id", 3, field(1, "\x05"))) +
                           field(2, field(1, field(1, "one") + field(2, step)) +
                                        field(1, field(1, "two") + field(2, step + step))));
  ASSERT_TRUE(sample) << sample.error();
  ASSERT_EQ(sample->fields.size(), 2U);
  EXPECT_EQ(sample->fields[1].first, "one");
  EXPECT_EQ(sample->fields[1].second.length_bytes, 5U);
}

TEST(TfExample, an_empty_record_is_a_sample_without_fields) {
  EXPECT_TRUE(read("")->fields.empty());
}

TEST(TfExample, refuses_names_that_repeat_or_cannot_be_names) {
  const std::string one = feature("a", 1, field(1, "x"));
  EXPECT_THAT(read(field(1, one + one)).error(), HasSubstr("two features 'a'"));
  EXPECT_FALSE(read(field(1, feature("", 1, field(1, "x")))));
  EXPECT_FALSE(read(field(1, feature("a\0b"s, 1, field(1, "x")))));
}

TEST(TfExample, refuses_what_is_no_message) {
  for (const std::string& bad :
       {"\x0a"s,
        "\x0a\x05"
        "abc"s,
        "\x08\x01"s, field(1, "\x08\x01"), field(1, field(1, "\x12")),
        field(1, feature("a", 3, field(1, "\x80"))),
        field(1, feature("a", 3,
                         "\x0d"
                         "1234")),
        field(1, feature("a", 2, field(1, "12345"))), field(1, feature("a", 2, "\x08\x01")),
        field(1, feature("a", 1, "\x08\x01")), field(2, field(1, field(1, "a") + "\x10\x01"))}) {
    EXPECT_FALSE(read(bad).has_value());
  }
}

}  // namespace
}  // namespace headrace::formats
