// Arrays become documents: by rows, by end tokens, by files; and nothing changes on the way.
#include "headrace/pack/token_arrays.h"

#include <gmock/gmock.h>

#include "headrace/base/endian.h"
#include "headrace/base/error.h"
#include "headrace/base/faulty_files.h"
#include "headrace/base/temp_folder.h"
#include "headrace/formats/tar_builder.h"

namespace headrace::pack {
namespace {

using formats::TokenType;
using testing::ElementsAre;
using testing::HasSubstr;

template <typename T>
std::string raw(const std::vector<T>& numbers) {
  const auto bytes = std::as_bytes(std::span(numbers));
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

std::string npy(const std::string& type, const std::string& shape, const std::string& body) {
  std::string head =
      "{'descr': '" + type + "', 'fortran_order': False, 'shape': " + shape + ", }\n";
  std::string text("\x93NUMPY\x01\0", 8);
  text += static_cast<char>(head.size());
  return text + '\0' + head + body;
}

class TokenArraysTest : public testing::Test {
 protected:
  TokenArraysOptions options(const std::string& name) {
    return {.input = folder_ / name, .output = folder_ / "out"};
  }
  // Each document's tokens.
  std::vector<std::vector<int64_t>> documents(const TokenArraysOptions& asked) {
    result_ = pack_token_arrays(asked);
    const auto bin = read_file(real_files(), folder_ / "out.bin", 1 << 30);
    const auto index = formats::TokenIndex::open(real_files(), folder_ / "out.idx").value();
    EXPECT_TRUE(index.check(bin.size()));
    EXPECT_EQ(index.document_count(), index.sequence_count());
    std::vector<std::vector<int64_t>> found;
    for (uint64_t i = 0; i < index.sequence_count(); ++i) {
      const auto extent = index.extent(i, bin.size());
      std::vector<int64_t> tokens;
      for (uint64_t at = 0; at < extent->length_bytes; at += size_of(index.type())) {
        const std::byte* token = bin.data() + extent->offset_bytes + at;
        tokens.push_back(index.type() == TokenType::uint16 ? load_le<uint16_t>(token)
                                                           : load_le<int32_t>(token));
      }
      found.push_back(tokens);
    }
    return found;
  }
  std::string refusal(const TokenArraysOptions& asked) {
    try {
      (void)pack_token_arrays(asked);
    } catch (const Error& error) {
      return error.what();
    }
    return "";
  }
  TempFolder folder_;
  PackedTokens result_;
};

TEST_F(TokenArraysTest, documents_end_behind_the_end_token) {
  write_text(folder_ / "a.bin", raw<uint16_t>({5, 6, 0, 0, 7, 8}));
  TokenArraysOptions asked = options("a.bin");
  asked.raw_type = "uint16";
  asked.end_token = 0;
  EXPECT_THAT(documents(asked),
              ElementsAre(ElementsAre(5, 6, 0), ElementsAre(0), ElementsAre(7, 8)));
  EXPECT_EQ(result_.token_count, 6U);
}

TEST_F(TokenArraysTest, rows_of_an_array_are_documents_and_others_are_one_a_file) {
  write_text(folder_ / "rows.npy", npy("<u2", "(2, 3)", raw<uint16_t>({1, 2, 3, 4, 5, 6})));
  EXPECT_THAT(documents(options("rows.npy")),
              ElementsAre(ElementsAre(1, 2, 3), ElementsAre(4, 5, 6)));
  write_text(folder_ / "flat.npy", npy("<u2", "(3,)", raw<uint16_t>({7, 8, 9})));
  TokenArraysOptions both = options("");
  both.input = folder_.path();
  EXPECT_THAT(documents(both),
              ElementsAre(ElementsAre(7, 8, 9), ElementsAre(1, 2, 3), ElementsAre(4, 5, 6)));
  EXPECT_EQ(result_.file_count, 2U);
}

TEST_F(TokenArraysTest, documents_longer_than_a_piece_stay_whole) {
  std::vector<uint32_t> numbers(700'000);
  for (uint32_t i = 0; i < numbers.size(); ++i) numbers[i] = i;
  write_text(folder_ / "long.npy", npy("<u4", "(700000,)", raw(numbers)));
  const auto found = documents(options("long.npy"));
  ASSERT_EQ(found.size(), 1U);
  ASSERT_EQ(found[0].size(), numbers.size());
  for (size_t i = 0; i < numbers.size(); ++i) ASSERT_EQ(found[0][i], i);
  EXPECT_EQ(result_.type, TokenType::int32);
}

TEST_F(TokenArraysTest, a_token_that_the_type_cannot_hold_ends_the_run_and_leaves_nothing) {
  write_text(folder_ / "a.bin", raw<uint32_t>({1, 65536}));
  TokenArraysOptions asked = options("a.bin");
  asked.raw_type = "uint32";
  asked.type = TokenType::uint16;
  EXPECT_THAT(refusal(asked), HasSubstr("out of the range of uint16"));
  EXPECT_EQ(real_files().list(folder_.path())->size(), 1U);
  asked.type = TokenType::int32;
  EXPECT_THAT(documents(asked), ElementsAre(ElementsAre(1, 65536)));
  asked.type = TokenType::uint16;
  asked.end_token = 65537;
  EXPECT_THAT(refusal(asked), HasSubstr("no uint16 can be the end token 65537"));
}

TEST_F(TokenArraysTest, says_what_is_missing_or_does_not_fit) {
  write_text(folder_ / "a.bin", "abc");
  EXPECT_THAT(refusal(options("a.bin")), HasSubstr("--dtype uint16"));
  TokenArraysOptions odd = options("a.bin");
  odd.raw_type = "uint16";
  EXPECT_THAT(refusal(odd), HasSubstr("no whole number of uint16"));
  write_text(folder_ / "f.npy", npy("<f4", "(1,)", "abcd"));
  EXPECT_THAT(refusal(options("f.npy")), HasSubstr("its elements are <f4"));
  write_text(folder_ / "s.npy", npy("<u2", "(3,)", "abcd"));
  EXPECT_THAT(refusal(options("s.npy")), HasSubstr("it holds 2 numbers and its head says 3"));
  write_text(folder_ / "h.npy", npy("<u2", "(4294967296, 4294967296)", "abcd"));
  EXPECT_THAT(refusal(options("h.npy")), HasSubstr("its head says 4294967296 x 4294967296"));
  EXPECT_THAT(refusal(options("none.npy")), HasSubstr("none.npy"));
}

TEST_F(TokenArraysTest, a_read_that_fails_ends_the_run_and_leaves_nothing) {
  write_text(folder_ / "a.npy", npy("<u2", "(2,)", "abcd"));
  FaultyFiles files;
  TokenArraysOptions asked = options("a.npy");
  asked.files = &files;
  files.fail(FileCall::read, 2, EIO);
  EXPECT_THAT(refusal(asked), HasSubstr("Input/output error"));
  EXPECT_EQ(real_files().list(folder_.path())->size(), 1U);
}

}  // namespace
}  // namespace headrace::pack
