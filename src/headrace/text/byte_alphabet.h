// The alphabet in which byte-level tokenizers write bytes: a printable character for each, GPT-2's.
// Bytes that are printable in Latin-1 stand for themselves, the others for U+0100 and on in order.
// Thread safety: pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace headrace::text {

// The bytes that such text stands for; nothing if a character is not of the alphabet.
std::optional<std::string> bytes_of_alphabet(std::string_view text);

}  // namespace headrace::text
