// Every byte through GPT-2's alphabet.
#include "headrace/text/byte_alphabet.h"

#include <gtest/gtest.h>

#include "headrace/text/small_tokenizer.h"

namespace headrace::text {
namespace {

TEST(ByteAlphabet, each_byte_has_a_letter_of_its_own) {
  for (uint32_t byte = 0; byte < 256; ++byte) {
    const std::string letter = letter_of(static_cast<uint8_t>(byte));
    EXPECT_EQ(bytes_of_alphabet(letter), std::string(1, static_cast<char>(byte)));
  }
  EXPECT_EQ(bytes_of_alphabet("\xC4\xA0he"), " he");  // what GPT-2's file writes for a space
}

TEST(ByteAlphabet, other_characters_are_refused) {
  EXPECT_EQ(bytes_of_alphabet("a b"), std::nullopt);
  EXPECT_EQ(bytes_of_alphabet("\xE4\xB8\xAD"), std::nullopt);
  EXPECT_EQ(bytes_of_alphabet(""), "");
}

}  // namespace
}  // namespace headrace::text
