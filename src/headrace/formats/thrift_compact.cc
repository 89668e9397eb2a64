// One pass; maps, which Parquet has none of, are refused.
#include "headrace/formats/thrift_compact.h"

#include <algorithm>

namespace headrace::formats {
namespace {

constexpr unsigned k_thrift_depth_limit = 16;
constexpr size_t k_value_limit = 2'000'000;
enum Type : uint8_t {
  yes = 1,
  no = 2,
  byte = 3,
  i16 = 4,
  i32 = 5,
  i64 = 6,
  real = 7,
  binary = 8,
  list = 9,
  set = 10,
  structure = 12
};

class Parser {
 public:
  explicit Parser(std::span<const std::byte> bytes) : bytes_(bytes) {}
  using Parsed = std::expected<ThriftValue, const char*>;

  Parsed parse_struct(unsigned depth) {
    if (depth > k_thrift_depth_limit) return std::unexpected("it is nested too deeply");
    ThriftValue made;
    int16_t id = 0;
    while (true) {
      const auto head = next_byte();
      if (!head) return std::unexpected(head.error());
      if (*head == 0) return made;
      if (*head >> 4 != 0) {
        id = static_cast<int16_t>(id + (*head >> 4));
      } else {
        const auto whole = number();
        if (!whole) return std::unexpected(whole.error());
        id = static_cast<int16_t>(*whole);
      }
      auto value = parse(static_cast<uint8_t>(*head & 15), depth, false);
      if (!value) return value;
      made.ids.push_back(id);
      made.items.push_back(std::move(*value));
    }
  }
  size_t at() const { return at_; }

 private:
  Parsed parse(uint8_t type, unsigned depth, bool in_list) {
    if (++count_ > k_value_limit) return std::unexpected("it has too many values");
    switch (type) {
      case yes:
      case no: {
        if (!in_list) return ThriftValue{.integer = type == yes};
        const auto said = next_byte();
        if (!said) return std::unexpected(said.error());
        return ThriftValue{.integer = *said == yes};
      }
      case byte: {
        const auto value = next_byte();
        if (!value) return std::unexpected(value.error());
        return ThriftValue{.integer = static_cast<int8_t>(*value)};
      }
      case i16:
      case i32:
      case i64: {
        const auto value = number();
        if (!value) return std::unexpected(value.error());
        return ThriftValue{.integer = *value};
      }
      case real:
        return parse_bytes(8);
      case binary: {
        const auto size = varint();
        if (!size) return std::unexpected(size.error());
        return parse_bytes(*size);
      }
      case list:
      case set:
        return parse_list(depth);
      case structure:
        return parse_struct(depth + 1);
      default:
        return std::unexpected("a value has an unknown type");
    }
  }

  Parsed parse_list(unsigned depth) {
    if (depth > k_thrift_depth_limit) return std::unexpected("it is nested too deeply");
    const auto head = next_byte();
    if (!head) return std::unexpected(head.error());
    uint64_t count = *head >> 4;
    if (count == 15) {
      const auto more = varint();
      if (!more) return std::unexpected(more.error());
      count = *more;
    }
    if (count > bytes_.size() - at_) return std::unexpected("a list is longer than the input");
    ThriftValue made;
    for (uint64_t i = 0; i < count; ++i) {
      auto item = parse(static_cast<uint8_t>(*head & 15), depth + 1, true);
      if (!item) return item;
      made.items.push_back(std::move(*item));
    }
    return made;
  }

  Parsed parse_bytes(uint64_t size) {
    if (size > bytes_.size() - at_) return std::unexpected("a string is longer than the input");
    ThriftValue made{.bytes = bytes_.subspan(at_, size)};
    at_ += size;
    return made;
  }
  std::expected<uint8_t, const char*> next_byte() {
    if (at_ == bytes_.size()) return std::unexpected("it is cut short");
    return static_cast<uint8_t>(bytes_[at_++]);
  }
  std::expected<uint64_t, const char*> varint() {
    uint64_t value = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
      const auto next = next_byte();
      if (!next) return std::unexpected(next.error());
      value |= uint64_t{*next & 0x7fU} << shift;
      if (*next < 0x80) return value;
    }
    return std::unexpected("a number is too long");
  }
  std::expected<int64_t, const char*> number() {
    const auto value = varint();
    if (!value) return std::unexpected(value.error());
    return static_cast<int64_t>(*value >> 1) ^ -static_cast<int64_t>(*value & 1);
  }

  std::span<const std::byte> bytes_;
  size_t at_ = 0;
  size_t count_ = 0;
};

}  // namespace

const ThriftValue* ThriftValue::field(int16_t id) const {
  const auto found = std::ranges::find(ids, id);
  return found == ids.end() ? nullptr : &items[static_cast<size_t>(found - ids.begin())];
}

int64_t ThriftValue::integer_or(int16_t id, int64_t otherwise) const {
  const ThriftValue* value = field(id);
  return value == nullptr ? otherwise : value->integer;
}

std::expected<ThriftStruct, const char*> parse_thrift(std::span<const std::byte> bytes) {
  Parser parser(bytes);
  auto value = parser.parse_struct(0);
  if (!value) return std::unexpected(value.error());
  return ThriftStruct{.value = std::move(*value), .size_bytes = parser.at()};
}

}  // namespace headrace::formats
