// A tokenizer.json for tests: every byte is the token of its number, and a few words are merged.
// Thread safety: values.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "headrace/text/unicode.h"

namespace headrace::text {

// The byte in GPT-2's alphabet.
inline std::string letter_of(uint8_t byte) {
  uint32_t printable = 0;
  const auto is_printable = [](uint32_t one) {
    return (one > 0x20 && one < 0x7F) || (one > 0xA0 && one != 0xAD);
  };
  for (uint32_t before = 0; before < byte; ++before) printable += is_printable(before) ? 1 : 0;
  std::string letter;
  append_utf8(is_printable(byte) ? byte : 256 + byte - printable, letter);
  return letter;
}

// 256 "he", 257 "hel", 258 "lo", 259 "hello", 260 " hello"; 300 is <|end|>, 301 <|pad|>.
inline nlohmann::json small_tokenizer() {
  nlohmann::json vocabulary;
  for (uint32_t byte = 0; byte < 256; ++byte) {
    vocabulary[letter_of(static_cast<uint8_t>(byte))] = byte;
  }
  const std::string space = letter_of(' ');
  const std::vector<std::string> words = {"he", "hel", "lo", "hello", space + "hello"};
  for (size_t i = 0; i < words.size(); ++i) vocabulary[words[i]] = 256 + i;
  const auto added = [](const char* content, uint32_t id) {
    return nlohmann::json{{"id", id},        {"content", content}, {"single_word", false},
                          {"lstrip", false}, {"rstrip", false},    {"normalized", false},
                          {"special", true}};
  };
  return {
      {"version", "1.0"},
      {"truncation", nullptr},
      {"padding", nullptr},
      {"added_tokens", {added("<|end|>", 300), added("<|pad|>", 301)}},
      {"normalizer", nullptr},
      {"pre_tokenizer", {{"type", "ByteLevel"}, {"add_prefix_space", false}, {"use_regex", true}}},
      {"post_processor", nullptr},
      {"model",
       {{"type", "BPE"},
        {"vocab", vocabulary},
        {"merges", {"h e", "he l", "l o", "hel lo", space + " hello"}}}}};
}

}  // namespace headrace::text
