// What an .idx says, and every way in which it may lie.
#include "headrace/formats/token_index.h"

#include <gmock/gmock.h>

#include "headrace/base/endian.h"
#include "headrace/base/temp_folder.h"
#include "headrace/formats/token_writer.h"

namespace headrace::formats {
namespace {

using testing::HasSubstr;

// Two documents of 2 and 1 sequences: 3, 0 and 2 tokens of 2 bytes.
std::vector<std::byte> sample_index() {
  TempFolder folder;
  TokenWriter writer(real_files(), folder / "t", TokenType::uint16);
  const std::vector<std::byte> tokens(6);
  writer.append(tokens);
  writer.append({});
  writer.end_document();
  writer.append(std::span(tokens).first(4));
  writer.end_document();
  writer.publish();
  return read_file(real_files(), folder / "t.idx", 1000);
}

TEST(TokenIndex, tells_sequences_and_documents) {
  const auto bytes = sample_index();
  const auto index = TokenIndex::over(bytes);
  ASSERT_TRUE(index) << index.error().what;
  EXPECT_EQ(index->type(), TokenType::uint16);
  EXPECT_EQ(index->sequence_count(), 3U);
  EXPECT_EQ(index->document_count(), 2U);
  EXPECT_EQ(index->first_sequence(1), 2U);
  EXPECT_EQ(index->token_count(0), 3U);
  EXPECT_EQ(index->extent(2, 10)->offset_bytes, 6U);
  EXPECT_EQ(index->extent(2, 10)->length_bytes, 4U);
  EXPECT_FALSE(index->mode(0).has_value());
  EXPECT_TRUE(index->check(10));
}

TEST(TokenIndex, reads_the_modes_of_a_multimodal_set) {
  auto bytes = sample_index();
  bytes.insert(bytes.end(), {std::byte{0}, std::byte{1}, std::byte{0}});
  const auto index = TokenIndex::over(bytes);
  ASSERT_TRUE(index) << index.error().what;
  EXPECT_EQ(index->mode(1), 1);
}

TEST(TokenIndex, a_sequence_that_leaves_the_bin_has_no_extent) {
  const auto bytes = sample_index();
  const auto index = TokenIndex::over(bytes);
  EXPECT_FALSE(index->extent(2, 9).has_value());
  ASSERT_FALSE(index->check(9));
  EXPECT_THAT(index->check(9).error().what, HasSubstr("sequence 2 leaves its .bin of 9 bytes"));
}

TEST(TokenIndex, every_truncation_is_refused) {
  const auto bytes = sample_index();
  for (size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_FALSE(TokenIndex::over(std::span(bytes).first(size))) << size;
  }
}

TEST(TokenIndex, no_flipped_byte_makes_it_read_outside) {
  const auto whole = sample_index();
  for (size_t place = 0; place < whole.size(); ++place) {
    auto bytes = whole;
    bytes[place] ^= std::byte{0xff};
    const auto index = TokenIndex::over(bytes);
    if (!index) continue;
    (void)index->check(10);  // an address sanitizer stands behind this
    for (uint64_t sequence = 0; sequence < index->sequence_count(); ++sequence) {
      if (const auto extent = index->extent(sequence, 10)) {
        EXPECT_LE(extent->offset_bytes + extent->length_bytes, 10U);
      }
    }
  }
}

TEST(TokenIndex, a_negative_length_and_a_document_out_of_order_are_told) {
  auto bytes = sample_index();
  store_le(bytes.data() + TokenIndex::k_header_bytes, int32_t{-3});
  EXPECT_THAT(TokenIndex::over(bytes)->check(10).error().what, HasSubstr("negative length"));
  bytes = sample_index();
  store_le(bytes.data() + bytes.size() - 16, uint64_t{9});
  EXPECT_THAT(TokenIndex::over(bytes)->check(10).error().what, HasSubstr("document 1"));
}

}  // namespace
}  // namespace headrace::formats
