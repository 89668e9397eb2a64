// How the elements of an array lie in a field's bytes, as the ending of the field's name says:
// "boxes.f32" are the float32s of "boxes". Names carry it since they pass through every format.
// Thread safety: pure. What each ending means, byte by byte: docs/formats/arrays.md.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace headrace::codec {

// text: a name without such an ending; JSON, decimal text or a .npy file, as its bytes say.
// i8 to f64: little-endian numbers. varint: protobuf's packed int64. strings: protobuf's repeated
// bytes of field 1. array: MDS's ndarray, which says its type and shape.
enum class Elements : uint8_t {
  text,
  i8,
  u8,
  i16,
  u16,
  i32,
  u32,
  i64,
  u64,
  f16,
  f32,
  f64,
  varint,
  strings,
  array
};

struct Stored {
  Elements elements = Elements::text;
  bool is_shaped = false;  // MDS's shape stands before the numbers
  bool operator==(const Stored&) const = default;
};

struct TypedName {
  std::string_view name;
  Stored stored = {};
};
TypedName typed_name(std::string_view field_name);
std::string typed(std::string_view name, const Stored& stored);  // and back

size_t size_of(Elements elements);  // of one, in bytes; 0 = they differ
// NumPy's names: "int32", "float64"; text for others.
Elements elements_of(std::string_view numpy_name);

}  // namespace headrace::codec
