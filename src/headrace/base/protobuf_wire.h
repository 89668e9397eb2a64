// Protocol buffers' wire format, as much as reading tf.train.Example takes: fields by number, their
// bytes in place. https://protobuf.dev/programming-guides/encoding
// Thread safety: pure; one owner. Invariant: every field lies within the message.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <span>

namespace headrace {

struct WireField {
  enum class Type : uint8_t { varint = 0, fixed64 = 1, bytes = 2, fixed32 = 5 };
  uint32_t number = 0;
  Type type = Type::varint;
  uint64_t value = 0;                // of a varint
  std::span<const std::byte> bytes;  // of all others
};

class WireReader {
 public:
  explicit WireReader(std::span<const std::byte> message) : left_(message) {}
  // The next field, or nothing at the end; the error says what is wrong.
  std::expected<std::optional<WireField>, const char*> next();
  // The next number of a packed list, or nothing when none is there whole.
  std::optional<uint64_t> varint();
  bool at_end() const { return left_.empty(); }

 private:
  std::span<const std::byte> left_;
};

}  // namespace headrace
