// Groups (wire types 3 and 4) are refused: nothing has written them since proto2.
#include "headrace/base/protobuf_wire.h"

namespace headrace {

std::optional<uint64_t> WireReader::varint() {
  uint64_t value = 0;
  for (size_t i = 0; i < left_.size() && i < 10; ++i) {
    const auto byte = static_cast<uint8_t>(left_[i]);
    if (i == 9 && byte > 1) return std::nullopt;  // more than 64 bits
    value |= uint64_t{byte & 0x7fU} << (7 * i);
    if (byte < 0x80) {
      left_ = left_.subspan(i + 1);
      return value;
    }
  }
  return std::nullopt;
}

std::expected<std::optional<WireField>, const char*> WireReader::next() {
  if (left_.empty()) return std::nullopt;
  const auto tag = varint();
  if (!tag || *tag > UINT32_MAX || *tag < 8) return std::unexpected("a field has no valid tag");
  WireField field{.number = static_cast<uint32_t>(*tag >> 3),
                  .type = static_cast<WireField::Type>(*tag & 7)};
  uint64_t size_bytes = 0;
  switch (field.type) {
    case WireField::Type::varint: {
      const auto value = varint();
      if (!value) return std::unexpected("a number is cut short");
      field.value = *value;
      return field;
    }
    case WireField::Type::fixed64:
      size_bytes = 8;
      break;
    case WireField::Type::fixed32:
      size_bytes = 4;
      break;
    case WireField::Type::bytes: {
      const auto size = varint();
      if (!size) return std::unexpected("a length is cut short");
      size_bytes = *size;
      break;
    }
    default:
      return std::unexpected("a field has an unknown wire type");
  }
  if (size_bytes > left_.size()) return std::unexpected("a field is longer than its message");
  field.bytes = left_.first(size_bytes);
  left_ = left_.subspan(size_bytes);
  return field;
}

}  // namespace headrace
