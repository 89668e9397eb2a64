// A frame says how many bytes it holds, so that room is made once.
#include "headrace/loader/unpacker.h"

#include "headrace/ops/bytes.h"

namespace headrace::loader {

Unpacker::Unpacker(const pipeline::Plan& plan) {
  for (const pipeline::FieldPlan& field : plan.fields) {
    row_is_bytes_.push_back(dynamic_cast<const ops::Bytes*>(field.op.get()) != nullptr);
  }
}

std::expected<std::span<const std::byte>, const char*> Unpacker::run(
    codec::Kind kind, std::span<const std::byte> packed, size_t field_index,
    std::span<std::byte> row) noexcept {
  const auto size = codec::announced_bytes(kind, packed);
  if (!size) return std::unexpected("its frame is damaged, or does not say how much it holds");
  if (*size > k_unpacked_limit_bytes) return std::unexpected("its frame announces over 1 GiB");
  std::span<std::byte> target;
  if (row_is_bytes_[field_index] && *size <= row.size()) {
    target = row.first(*size);
  } else {
    if (unpacked_.size() < *size) unpacked_.resize(*size);
    target = std::span(unpacked_).first(*size);
  }
  if (const auto done = decompressor_.run(kind, packed, target); !done) {
    return std::unexpected("its compressed bytes are damaged");
  }
  return target;
}

}  // namespace headrace::loader
