// .npy by its own head; MDS's arrays by a byte for the type, a byte for the number of dimensions
// and the width of their lengths, and these.
#include "headrace/ops/array_view.h"

#include <algorithm>

#include "headrace/base/endian.h"

namespace headrace::ops {
namespace {

using codec::Elements;
using ByteSpan = std::span<const std::byte>;

constexpr std::string_view k_npy_magic = "\x93NUMPY";

// Streaming's numbers of types are their bits, and 1 more where signed, 2 where floating.
Elements type_of_code(unsigned code) {
  switch (code) {
    case 8:
      return Elements::u8;
    case 9:
      return Elements::i8;
    case 16:
      return Elements::u16;
    case 17:
      return Elements::i16;
    case 18:
      return Elements::f16;
    case 32:
      return Elements::u32;
    case 33:
      return Elements::i32;
    case 34:
      return Elements::f32;
    case 64:
      return Elements::u64;
    case 65:
      return Elements::i64;
    case 66:
      return Elements::f64;
    default:
      return Elements::text;
  }
}

Elements type_of_npy(std::string_view name) {
  if (name == "|b1") return Elements::u8;
  if (name.size() != 3 || (name[0] != '<' && name[0] != '|' && name[0] != '=')) {
    return Elements::text;
  }
  constexpr std::pair<std::string_view, Elements> k_types[] = {
      {"i1", Elements::i8},  {"u1", Elements::u8},  {"i2", Elements::i16}, {"u2", Elements::u16},
      {"i4", Elements::i32}, {"u4", Elements::u32}, {"i8", Elements::i64}, {"u8", Elements::u64},
      {"f2", Elements::f16}, {"f4", Elements::f32}, {"f8", Elements::f64}};
  const auto found =
      std::ranges::find(k_types, name.substr(1), [](const auto& t) { return t.first; });
  return found == std::end(k_types) ? Elements::text : found->second;
}

std::unexpected<Failure> view_failure(const char* what, uint64_t offset_bytes) {
  return std::unexpected(Failure{.what = what, .offset_bytes = offset_bytes});
}

std::expected<ArrayView, Failure> checked_view(ArrayView view) {
  const size_t size = size_of(view.elements);
  if (size == 0) return view;
  if (view.bytes.size() % size != 0) return view_failure("its last element is cut short", 0);
  uint64_t left = view.bytes.size() / size;
  if (!view.has_shape) return view;
  for (const uint64_t length : std::span(view.lengths).first(view.dimension_count)) {
    if (length == 0 ? left != 0 : left % length != 0) {
      return view_failure("its elements do not fill its shape", 0);
    }
    if (length == 0) return view;
    left /= length;
  }
  if (left != 1) return view_failure("its elements do not fill its shape", 0);
  return view;
}

std::expected<ArrayView, Failure> view_npy(ByteSpan bytes, formats::NpyHead& head) {
  const ByteSpan begin = bytes.first(std::min(bytes.size(), formats::k_npy_head_bytes_max));
  if (!formats::parse_npy_head(begin, head)) return view_failure("its .npy head is damaged", 0);
  ArrayView view{.elements = type_of_npy(head.type),
                 .bytes = bytes.subspan(head.data_offset_bytes),
                 .offset_bytes = head.data_offset_bytes,
                 .dimension_count = head.shape.size(),
                 .has_shape = true};
  if (view.elements == Elements::text)
    return view_failure("its .npy type is no number of this machine", 0);
  if (head.shape.size() > ArrayView::k_dimensions_max)
    return view_failure("it has over 8 dimensions", 0);
  if (head.column_major && head.shape.size() > 1)
    return view_failure("it is in Fortran's order", 0);
  std::ranges::copy(head.shape, view.lengths.begin());
  return checked_view(view);
}

// At the byte that says how many dimensions there are.
std::expected<ArrayView, Failure> view_shaped(ArrayView view) {
  if (view.bytes.empty()) return view_failure("its shape is cut short", view.offset_bytes);
  const auto byte = static_cast<unsigned>(view.bytes[0]);
  const size_t width = size_t{1} << (byte & 3);
  view.dimension_count = byte >> 2;
  view.has_shape = true;
  if (view.dimension_count > ArrayView::k_dimensions_max)
    return view_failure("it has over 8 dimensions", 0);
  const size_t head_bytes = 1 + width * view.dimension_count;
  if (view.bytes.size() < head_bytes)
    return view_failure("its shape is cut short", view.offset_bytes);
  for (size_t i = 0; i < view.dimension_count; ++i) {
    for (size_t b = 0; b < width; ++b) {
      view.lengths[i] |= static_cast<uint64_t>(view.bytes[1 + i * width + b]) << (8 * b);
    }
  }
  view.bytes = view.bytes.subspan(head_bytes);
  view.offset_bytes += head_bytes;
  return checked_view(view);
}

}  // namespace

std::expected<ArrayView, Failure> view_array(ByteSpan bytes, const codec::Stored& stored,
                                             formats::NpyHead& head) {
  ArrayView view{.elements = stored.elements, .bytes = bytes};
  if (stored.elements == Elements::array) {
    view.elements = bytes.empty() ? Elements::text : type_of_code(static_cast<unsigned>(bytes[0]));
    if (view.elements == Elements::text) return view_failure("its type is none of MDS's arrays", 0);
    view.bytes = bytes.subspan(1);
    view.offset_bytes = 1;
    return view_shaped(view);
  }
  if (stored.is_shaped) return view_shaped(view);
  const bool is_npy = stored.elements == Elements::text && bytes.size() >= k_npy_magic.size() &&
                      std::memcmp(bytes.data(), k_npy_magic.data(), k_npy_magic.size()) == 0;
  return is_npy ? view_npy(bytes, head) : checked_view(view);
}

std::optional<uint64_t> count_varints(ByteSpan bytes) {
  if (!bytes.empty() && static_cast<unsigned>(bytes.back()) >= 0x80) return std::nullopt;
  return static_cast<uint64_t>(std::ranges::count_if(
      bytes, [](std::byte byte) { return static_cast<unsigned>(byte) < 0x80; }));
}

std::optional<ByteSpan> next_string(ByteSpan& left) {
  constexpr std::byte k_field_of_bytes{0x0a};
  uint64_t size = 0;
  size_t at = 1;
  if (left.empty() || left[0] != k_field_of_bytes) return std::nullopt;
  for (unsigned shift = 0;; shift += 7) {
    if (at == left.size() || shift > 28) return std::nullopt;
    const auto byte = static_cast<unsigned>(left[at++]);
    size |= uint64_t{byte & 0x7f} << shift;
    if (byte < 0x80) break;
  }
  if (size > left.size() - at) return std::nullopt;
  const ByteSpan string = left.subspan(at, size);
  left = left.subspan(at + size);
  return string;
}

}  // namespace headrace::ops
