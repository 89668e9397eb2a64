// Text as one word of a POSIX shell, whatever is in it. Thread safety: a pure function.
#pragma once

#include <string>
#include <string_view>

namespace headrace {

// In single quotes unless the text is plain: letters, digits and "-_./=:,+@%".
inline std::string shell_word(std::string_view text) {
  const bool plain =
      !text.empty() &&
      text.find_first_not_of(
          "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./=:,+@%") == text.npos;
  if (plain) return std::string(text);
  std::string word = "'";
  for (const char letter : text) {
    if (letter == '\'')
      word += "'\\''";
    else
      word += letter;
  }
  return word + "'";
}

}  // namespace headrace
