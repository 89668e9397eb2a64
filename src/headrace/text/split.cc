// Each function below is one alternative of the expressions, tried in their order.
#include "headrace/text/split.h"

namespace headrace::text {
namespace {

struct Known {
  std::string_view expression;
  Style style;
};
constexpr Known k_known[] = {
    {R"('s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+)", Style::gpt2},
    {R"('(?:[sdmt]|ll|ve|re)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+)", Style::gpt2},
    {R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}|)"
     R"( ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)",
     Style::llama3},
    {R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}|)"
     R"( ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)",
     Style::qwen2},
};

constexpr ClassSet k_numbers(Class::number);
constexpr ClassSet k_newlines(Class::newline);
constexpr ClassSet k_rest(Class::other, Class::mark, Class::punctuation, Class::symbol);
// [^\r\n\p{L}\p{N}]
constexpr ClassSet k_leaders(Class::other, Class::space, Class::mark, Class::punctuation,
                             Class::symbol);

const char* skip(ClassSet set, const char* at, const char* end) {
  while (at < end) {
    const Character character = character_at(at);
    if (!set.has(character.kind)) break;
    at += character.size_bytes;
  }
  return at;
}

// 's 't 're 've 'm 'll 'd; where case is folded, the long s is an s too. nullptr: none of them.
template <bool folds_case>
const char* contraction_end(const char* at, const char* end) {
  if (*at != '\'' || end - at < 2) return nullptr;
  const auto letter = [&](ptrdiff_t index) {
    return static_cast<char>(folds_case ? at[index] | 0x20 : at[index]);
  };
  const auto is_in = [&](char byte, char low, char high) {
    return byte == low || (folds_case && byte == high);
  };
  if (is_in(at[1], 's', 'S') || is_in(at[1], 't', 'T') || is_in(at[1], 'm', 'M') ||
      is_in(at[1], 'd', 'D')) {
    return at + 2;
  }
  if (end - at < 3) return nullptr;
  if (folds_case && at[1] == '\xC5' && at[2] == '\xBF') return at + 3;
  const bool is_two = (letter(1) == 'r' && letter(2) == 'e') ||
                      (letter(1) == 'v' && letter(2) == 'e') ||
                      (letter(1) == 'l' && letter(2) == 'l');
  return is_two ? at + 3 : nullptr;
}

// \s+(?!\S)|\s+: a run of spaces leaves its last one to the word behind it, if it has two.
const char* spaces_end(const char* at, const char* end) {
  const char* last = at;
  const char* stop = at;
  while (stop < end) {
    const Character character = character_at(stop);
    if (!k_spaces.has(character.kind)) break;
    last = stop;
    stop += character.size_bytes;
  }
  return stop == end || last == at ? stop : last;
}

// \s*[\r\n]+: through the last newline of the run. nullptr: it has none.
const char* newlines_end(const char* at, const char* end) {
  const char* found = nullptr;
  while (at < end) {
    const Character character = character_at(at);
    if (!k_spaces.has(character.kind)) break;
    at += character.size_bytes;
    if (character.kind == Class::newline) found = at;
  }
  return found;
}

const char* gpt2_end(const char* at, const char* end) {
  if (const char* stop = contraction_end<false>(at, end)) return stop;
  const char* const body = *at == ' ' && at + 1 < end ? at + 1 : at;
  const Character first = character_at(body);
  const char* const rest = body + first.size_bytes;
  if (k_letters.has(first.kind)) return skip(k_letters, rest, end);
  if (k_numbers.has(first.kind)) return skip(k_numbers, rest, end);
  if (k_rest.has(first.kind)) return skip(k_rest, rest, end);
  return spaces_end(at, end);
}

const char* digits_end(const char* at, const char* end, uint32_t count) {
  for (; count > 0 && at < end; --count) {
    const Character character = character_at(at);
    if (character.kind != Class::number) break;
    at += character.size_bytes;
  }
  return at;
}

const char* llama_end(const char* at, const char* end, uint32_t digit_count) {
  const Character first = character_at(at);
  const char* const next = at + first.size_bytes;
  if (k_letters.has(first.kind)) return skip(k_letters, next, end);
  if (const char* stop = contraction_end<true>(at, end)) return stop;
  if (first.kind == Class::number) return digits_end(next, end, digit_count - 1);
  const Character second = next < end ? character_at(next) : Character{Class::newline, 0};
  if (k_leaders.has(first.kind) && k_letters.has(second.kind)) {
    return skip(k_letters, next + second.size_bytes, end);
  }
  if (k_rest.has(first.kind) || (*at == ' ' && k_rest.has(second.kind))) {
    return skip(k_newlines, skip(k_rest, next, end), end);
  }
  const char* const lines = newlines_end(at, end);
  return lines ? lines : spaces_end(at, end);
}

}  // namespace

std::optional<Style> style_of(std::string_view expression) {
  for (const Known& known : k_known) {
    if (known.expression == expression) return known.style;
  }
  return std::nullopt;
}

template <>
const char* word_end<Style::gpt2>(const char* at, const char* end) {
  return gpt2_end(at, end);
}
template <>
const char* word_end<Style::llama3>(const char* at, const char* end) {
  return llama_end(at, end, 3);
}
template <>
const char* word_end<Style::qwen2>(const char* at, const char* end) {
  return llama_end(at, end, 1);
}

}  // namespace headrace::text
