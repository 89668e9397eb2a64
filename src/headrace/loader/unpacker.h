// Fields that are stored compressed, each in a frame of its own: back to the bytes that operators
// take. Thread safety: one a worker. Invariants: 1. a row that is the field's bytes is unpacked
// straight into its place in the batch; 2. memory grows to the largest other field and no further
// than k_unpacked_limit_bytes.
#pragma once

#include <cstddef>
#include <expected>
#include <span>
#include <vector>

#include "headrace/codec/codec.h"
#include "headrace/pipeline/plan.h"

namespace headrace::loader {

inline constexpr uint64_t k_unpacked_limit_bytes = uint64_t{1} << 30;  // of one field

class Unpacker {
 public:
  explicit Unpacker(const pipeline::Plan& plan);
  // Valid until the next call, or as long as the row. The error says what is wrong.
  std::expected<std::span<const std::byte>, const char*> run(codec::Kind kind,
                                                             std::span<const std::byte> packed,
                                                             size_t field_index,
                                                             std::span<std::byte> row) noexcept;

 private:
  std::vector<bool> row_is_bytes_;  // a field
  codec::Decompressor decompressor_;
  std::vector<std::byte> unpacked_;
};

}  // namespace headrace::loader
