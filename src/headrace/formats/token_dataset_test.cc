// Token files as samples, by every name that they have, and what is refused.
#include "headrace/formats/token_dataset.h"

#include <gmock/gmock.h>

#include "headrace/base/error.h"
#include "headrace/base/temp_folder.h"
#include "headrace/formats/token_writer.h"

namespace headrace::formats {
namespace {

using testing::HasSubstr;

class TokenDatasetTest : public testing::Test {
 protected:
  void write(const std::string& name, uint64_t token_count,
             TokenType type = TokenType::uint16) const {
    TokenWriter writer(real_files(), folder_ / name, type);
    writer.append(std::vector<std::byte>(token_count * size_of(type)));
    writer.end_document();
    writer.publish();
  }
  std::string refusal(const std::string& path, uint64_t sequence_tokens = 4) const {
    try {
      (void)Dataset::open(path, {.sequence_tokens = sequence_tokens});
    } catch (const Error& error) {
      return error.what();
    }
    return "";
  }
  TempFolder folder_;
};

TEST_F(TokenDatasetTest, opens_by_the_index_the_tokens_their_prefix_and_their_folder) {
  write("t", 9);
  for (const std::string& path :
       {folder_ / "t.idx", folder_ / "t.bin", folder_ / "t", folder_.path()}) {
    const auto dataset = Dataset::open(path, {.sequence_tokens = 4});
    EXPECT_EQ(dataset->format(), "megatron") << path;
    EXPECT_EQ(dataset->sample_count(), 2U) << path;
  }
}

TEST_F(TokenDatasetTest, sequences_share_the_token_of_a_label_and_never_cross_files) {
  write("a", 9);
  write("b", 8);  // one token short of a second sequence
  write("c", 4);  // no sequence at all
  const auto dataset = Dataset::open(folder_.path(), {.sequence_tokens = 4});
  EXPECT_EQ(dataset->sample_count(), 3U);
  EXPECT_EQ(dataset->file_count(), 3U);
  const Location second = dataset->locate(1), third = dataset->locate(2);
  EXPECT_EQ(second.file_index, 0U);
  EXPECT_EQ(second.field(0).offset_bytes, 8U);
  EXPECT_EQ(second.field(0).length_bytes, 10U);
  EXPECT_EQ(third.file_index, 1U);
  EXPECT_EQ(third.field(0).offset_bytes, 0U);
  EXPECT_EQ(dataset->tokens()->token_bytes, 2U);
  EXPECT_FALSE(dataset->tokens()->is_signed);
}

TEST_F(TokenDatasetTest, without_a_length_a_sample_is_what_was_stored) {
  TokenWriter writer(real_files(), folder_ / "t", TokenType::int32);
  for (const uint64_t count : {3, 0, 7}) {
    writer.append(std::vector<std::byte>(count * 4));
    writer.end_document();
  }
  writer.publish();
  const auto dataset = Dataset::open(folder_ / "t", {});
  ASSERT_EQ(dataset->sample_count(), 3U);
  EXPECT_EQ(dataset->locate(0).field(0).length_bytes, 12U);
  EXPECT_EQ(dataset->locate(1).field(0).length_bytes, 0U);
  EXPECT_EQ(dataset->locate(2).field(0).offset_bytes, 12U);
  EXPECT_EQ(dataset->locate(2).field(0).length_bytes, 28U);
}

TEST_F(TokenDatasetTest, another_sequence_length_or_file_is_another_data_set) {
  write("t", 100);
  const auto print = [&](uint64_t sequence) {
    return Dataset::open(folder_ / "t", {.sequence_tokens = sequence})->fingerprint();
  };
  const uint64_t four = print(4);
  EXPECT_EQ(print(4), four);
  EXPECT_NE(print(5), four);
  write("t", 101);
  EXPECT_NE(print(4), four);
}

TEST_F(TokenDatasetTest, says_what_is_missing_or_does_not_fit) {
  write("t", 9);
  EXPECT_THAT(refusal(folder_ / "t", 9), HasSubstr("fewer tokens than one sequence of 9"));
  EXPECT_THAT(refusal(folder_ / "none.idx"), HasSubstr("none.idx"));
  write("u", 9, TokenType::float32);
  EXPECT_THAT(refusal(folder_ / "u"), HasSubstr("its tokens are float32"));
  write("v", 9, TokenType::int32);
  ASSERT_TRUE(real_files().remove(folder_ / "u.idx"));
  EXPECT_THAT(refusal(folder_.path()), HasSubstr("its tokens are int32 where others are uint16"));
}

TEST_F(TokenDatasetTest, a_bin_of_another_length_than_its_index_says_is_refused) {
  write("t", 9);
  write("longer", 10);
  ASSERT_TRUE(real_files().rename(folder_ / "longer.bin", folder_ / "t.bin"));
  EXPECT_THAT(refusal(folder_ / "t"), HasSubstr("it has 20 bytes, and its index does not end"));
}

}  // namespace
}  // namespace headrace::formats
