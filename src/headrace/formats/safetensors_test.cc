// What we write reads back, headers that lie are refused, damage stays within the file.
#include "headrace/formats/safetensors.h"

#include <gmock/gmock.h>

#include "headrace/base/error.h"
#include "headrace/formats/damage.h"

namespace headrace::formats {
namespace {

using testing::HasSubstr;

std::string tensors_of(std::string header, const std::string& data) {
  const uint64_t length = header.size();
  return std::string(reinterpret_cast<const char*>(&length), 8) + header + data;
}

std::optional<std::string> read_tensors(std::span<const std::byte> bytes) {
  return content_of(k_safetensors_format, bytes);
}

std::string why_not(const std::string& header, const std::string& data) {
  const std::string file = tensors_of(header, data);
  const auto failure = scan_all(k_safetensors_format, bytes_of(file)).failure;
  return failure ? failure->what : "";
}

struct Written {
  std::string file;
  SafetensorsEncoder encoder{[this](std::span<const std::byte> bytes) {
    file.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  }};
  void add(const std::string& label, const std::string& row) {
    const std::array fields{FieldBytes{"cls", bytes_of(label)}, FieldBytes{"row", bytes_of(row)}};
    encoder.append(fields);
  }
};

TEST(Safetensors, rows_are_samples_and_a_vectors_integers_are_values) {
  const std::string file = tensors_of(
      R"({"__metadata__": {"a": "b"}, "x": {"dtype": "BF16", "shape": [2, 2], "data_offsets":)"
      R"( [2, 10]}, "label": {"dtype": "I8", "shape": [2], "data_offsets": [0, 2]}})",
      "\x07\xff"
      "abcdefgh");
  EXPECT_EQ(recognize(memory_source(bytes_of(file))), &k_safetensors_format);
  EXPECT_EQ(read_tensors(bytes_of(file)), "sample\nlabel=7\nx:abcdsample\nlabel=-1\nx:efgh");
  const auto last = k_safetensors_format.scan(memory_source(bytes_of(file)), {.sample_index = 1});
  EXPECT_EQ((**last->next()).key, "1");
  EXPECT_FALSE(*last->next());
}

TEST(Safetensors, what_the_encoder_writes_reads_back) {
  Written written;
  for (int i = 0; i < 3; ++i) written.add(std::to_string(i - 1), std::string(1, 'a'));
  written.encoder.finish();
  EXPECT_EQ(written.encoder.size_bytes(), written.file.size());
  EXPECT_EQ(read_tensors(bytes_of(written.file)),
            "sample\ncls=-1\nrow:asample\ncls=0\nrow:asample\ncls=1\nrow:a");
  EXPECT_THROW(written.add("5", "ab"), Error) << "rows have one size";
  EXPECT_THROW(written.add("x", "a"), Error) << "labels stay numbers";
  Written latin;
  const std::array fields{FieldBytes{"caf\xe9", bytes_of("a")}};
  EXPECT_THROW(latin.encoder.append(fields), Error) << "a header of JSON is UTF-8";
}

TEST(Safetensors, headers_that_lie_are_refused) {
  const std::string x = R"({"x": {"dtype": "U8", "shape": [2], "data_offsets": )";
  EXPECT_EQ(why_not(x + "[0, 2]}}", "ab"), "");
  EXPECT_THAT(why_not(x + "[0, 3]}}", "abc"), HasSubstr("disagree"));
  EXPECT_THAT(why_not(x + "[0, 2]}}", "abc"), HasSubstr("end with the file"));
  EXPECT_THAT(why_not(x + "[1, 3]}}", "abc"), HasSubstr("does not begin"));
  EXPECT_THAT(why_not(x + "[2, 0]}}", "ab"), HasSubstr("lacks"));
  EXPECT_THAT(why_not("[]", ""), HasSubstr("no JSON object"));
  EXPECT_THAT(why_not(R"({"x": {"dtype": "Q9", "shape": [1], "data_offsets": [0, 1]}})", "a"),
              HasSubstr("Q9 is not read"));
  EXPECT_THAT(why_not(R"({"x": {"dtype": "U8", "shape": [], "data_offsets": [0, 1]}})", "a"),
              HasSubstr("no dimension"));
  EXPECT_THAT(why_not(R"({"a": {"dtype": "U8", "shape": [1], "data_offsets": [0, 1]}, "b": )"
                      R"({"dtype": "U8", "shape": [2], "data_offsets": [1, 3]}})",
                      "abc"),
              HasSubstr("samples take one of each"));
  EXPECT_THAT(
      why_not(R"({"x": {"dtype": "F64", "shape": [9223372036854775807, 9223372036854775807],)"
              R"( "data_offsets": [0, 0]}})",
              ""),
      HasSubstr("too large"));
}

TEST(Safetensors, a_header_of_no_bytes_is_no_header) {
  EXPECT_FALSE(k_safetensors_format.begins(memory_source(bytes_of(std::string(8, '\0') + "{}"))));
}

TEST(Safetensors, damage_is_told_or_stays_within_the_file) {
  Written written;
  for (int i = 0; i < 3; ++i) written.add(std::to_string(i - 1), "row");
  written.encoder.finish();
  EXPECT_GT(flip_each_bit(written.file, read_tensors).noticed_count, 500U);
  EXPECT_EQ(unnoticed_cuts(written.file, read_tensors), 0U);
}

}  // namespace
}  // namespace headrace::formats
