// What is written reads back; what is not published leaves nothing.
#include "headrace/formats/token_writer.h"

#include <gmock/gmock.h>

#include <numeric>

#include "headrace/base/error.h"
#include "headrace/base/faulty_files.h"
#include "headrace/base/temp_folder.h"

namespace headrace::formats {
namespace {

TEST(TokenWriter, many_sequences_pass_through_its_buffers_unharmed) {
  TempFolder folder;
  constexpr uint64_t k_count = 300'000;  // more lengths than a buffer of 1 MiB holds
  std::vector<uint16_t> tokens(64);
  {
    TokenWriter writer(real_files(), folder / "t", TokenType::uint16);
    for (uint64_t i = 0; i < k_count; ++i) {
      std::iota(tokens.begin(), tokens.end(), static_cast<uint16_t>(i));
      writer.append(std::as_bytes(std::span(tokens).first(i % 5)));
      if (i % 3 == 2) writer.end_document();
    }
    EXPECT_EQ(writer.document_count(), k_count / 3);
    writer.publish();
  }
  const auto bin = read_file(real_files(), folder / "t.bin", 1 << 30);
  const auto index = TokenIndex::open(real_files(), folder / "t.idx");
  ASSERT_TRUE(index) << index.error().what;
  ASSERT_TRUE(index->check(bin.size()));
  EXPECT_EQ(index->sequence_count(), k_count);
  for (const uint64_t i : {uint64_t{1}, uint64_t{262'144}, k_count - 1}) {
    const auto extent = index->extent(i, bin.size());
    EXPECT_EQ(extent->length_bytes, i % 5 * 2);
    uint16_t token = 0;
    if (extent->length_bytes > 0) {
      std::memcpy(&token, bin.data() + extent->offset_bytes, 2);
      EXPECT_EQ(token, static_cast<uint16_t>(i));
    }
  }
  EXPECT_EQ(real_files().list(folder.path())->size(), 2U);  // and nothing else is left
}

TEST(TokenWriter, goes_on_behind_what_another_saved) {
  TempFolder folder;
  const auto write = [&](TokenWriter& writer, uint16_t from, uint16_t to) {
    for (uint16_t i = from; i < to; ++i) {
      writer.append(std::as_bytes(std::span(&i, 1)));
      writer.end_document();
      writer.end_document();
    }
  };
  TokenWriter whole(real_files(), folder / "whole", TokenType::uint16);
  write(whole, 0, 1000);
  whole.publish();
  SavedTokens saved;
  for (const uint16_t begin : {uint16_t{0}, uint16_t{300}, uint16_t{600}}) {
    TokenWriter writer(real_files(), folder / "t", TokenType::uint16, saved);
    write(writer, begin, static_cast<uint16_t>(begin + 300));
    saved = writer.save();
    write(writer, static_cast<uint16_t>(begin + 300), static_cast<uint16_t>(begin + 350));
  }
  TokenWriter writer(real_files(), folder / "t", TokenType::uint16, saved);
  write(writer, 900, 1000);
  EXPECT_EQ(writer.document_count(), 2000u);
  writer.publish();
  for (const char* end : {".bin", ".idx"}) {
    EXPECT_EQ(read_text(folder / ("t" + std::string(end))),
              read_text(folder / ("whole" + std::string(end))));
  }
}

TEST(TokenWriter, leaves_nothing_when_it_is_not_published) {
  TempFolder folder;
  {
    TokenWriter writer(real_files(), folder / "t", TokenType::int32);
    writer.append(std::vector<std::byte>(4000));
    writer.end_document();
  }
  EXPECT_TRUE(real_files().list(folder.path())->empty());
}

}  // namespace
}  // namespace headrace::formats
