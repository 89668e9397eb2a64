// Where the words of a text end: the regular expressions that tokenizers cut text with, written by
// hand as they match. Thread safety: pure. Invariants: 1. text is valid UTF-8; 2. every word has at
// least one character and words follow each other without a gap; 3. classes are Unicode 16's.
#pragma once

#include <optional>
#include <string_view>

#include "headrace/text/unicode.h"

namespace headrace::text {

// gpt2: GPT-2 and what copies it. llama3: GPT-4's (cl100k), Llama 3; digits by three. qwen2: the
// same, digits one by one.
enum class Style { gpt2, llama3, qwen2 };

// The style whose expression this is, letter for letter.
std::optional<Style> style_of(std::string_view expression);

// The end of the word that begins at `at`, which lies before `end`.
template <Style style>
const char* word_end(const char* at, const char* end);

// Calls `take(word)` for each word in order until it returns false.
template <Style style, typename Take>
void for_each_word(std::string_view text, Take take) {
  const char* at = text.data();
  const char* const end = at + text.size();
  while (at < end) {
    const char* const next = word_end<style>(at, end);
    if (!take(std::string_view(at, next))) return;
    at = next;
  }
}

}  // namespace headrace::text
