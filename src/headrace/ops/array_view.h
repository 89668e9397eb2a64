// A field's bytes as an array: which elements lie where, and in what shape.
// Thread safety: pure. Invariant: elements of a fixed size fill `bytes`, and a shape that the bytes
// state fits them.
#pragma once

#include <array>
#include <span>

#include "headrace/codec/elements.h"
#include "headrace/formats/npy.h"
#include "headrace/ops/op.h"

namespace headrace::ops {

struct ArrayView {
  static constexpr size_t k_dimensions_max = 8;
  codec::Elements elements = codec::Elements::text;  // text: JSON, or one number
  std::span<const std::byte> bytes;
  uint64_t offset_bytes = 0;  // of `bytes` in the field
  std::array<uint64_t, k_dimensions_max> lengths = {};
  size_t dimension_count = 0;
  bool has_shape = false;  // the bytes state it
};

// `head` is memory that is used again.
std::expected<ArrayView, Failure> view_array(std::span<const std::byte> bytes,
                                             const codec::Stored& stored, formats::NpyHead& head);

// How many numbers a packed list has; nothing where the last one is cut short.
std::optional<uint64_t> count_varints(std::span<const std::byte> bytes);
// The next string of protobuf's repeated field 1, taken from `left`; nothing where it is damaged.
std::optional<std::span<const std::byte>> next_string(std::span<const std::byte>& left);

}  // namespace headrace::ops
