// One line of a JSONL file: the text under a key of its object, where tokens are made of it.
// Thread safety: none of its own; a JsonLine is reused from line to line by one thread.
// Invariants: 1. the whole line must be JSON, whatever the key; 2. of keys that come twice the last
// counts, as in Python; 3. keys within values do not count.
#pragma once

#include <expected>
#include <string>
#include <string_view>

namespace headrace::pack {

struct BadLine {
  std::string cause;
  size_t at_byte = 0;  // of the line
};

class JsonLine {
 public:
  explicit JsonLine(std::string key) : key_(std::move(key)) {}
  // Valid until the next call.
  std::expected<std::string_view, BadLine> text_of(std::string_view line);

 private:
  std::string key_;
  std::string text_;
};

}  // namespace headrace::pack
