// Thrift's compact protocol, in which Parquet writes its metadata: a struct as a tree of values.
// https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md
// Thread safety: pure. Invariants: 1. depth and number of values are bounded; 2. bytes lie within
// the input.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <span>
#include <string_view>
#include <vector>

namespace headrace::formats {

struct ThriftValue {
  int64_t integer = 0;               // of a boolean or an integer
  std::span<const std::byte> bytes;  // of a string
  std::vector<ThriftValue> items;    // of a list, or of a struct with `ids` beside
  std::vector<int16_t> ids;

  // Of a struct: null when it is not there.
  const ThriftValue* field(int16_t id) const;
  int64_t integer_or(int16_t id, int64_t otherwise) const;
  std::string_view text() const {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
  }
};

struct ThriftStruct {
  ThriftValue value;
  size_t size_bytes = 0;  // of the input
};

// The error says what is wrong.
std::expected<ThriftStruct, const char*> parse_thrift(std::span<const std::byte> bytes);

}  // namespace headrace::formats
