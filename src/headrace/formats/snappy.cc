// Literals and copies of what came before, which may overlap what they make.
#include "headrace/formats/snappy.h"

#include <cstdint>

namespace headrace::formats {
namespace {

using Bytes = std::span<const std::byte>;

// A little-endian number of 1 to 4 bytes, taken off the front.
std::expected<size_t, const char*> take(Bytes& left, size_t size) {
  if (left.size() < size) return std::unexpected("it is cut short");
  size_t value = 0;
  for (size_t i = 0; i < size; ++i) value |= static_cast<size_t>(left[i]) << (8 * i);
  left = left.subspan(size);
  return value;
}

std::expected<size_t, const char*> announced_size(Bytes& left) {
  uint64_t size = 0;
  for (unsigned shift = 0; shift < 35; shift += 7) {
    const auto next = take(left, 1);
    if (!next) return next;
    size |= uint64_t{*next & 0x7f} << shift;
    if (*next < 0x80) return size;
  }
  return std::unexpected("its size is no number");
}

std::expected<void, const char*> literal(size_t tag, Bytes& left, std::vector<std::byte>& made) {
  size_t length = tag >> 2;
  if (length >= 60) {
    const auto more = take(left, length - 59);
    if (!more) return std::unexpected(more.error());
    length = *more;
  }
  ++length;
  if (length > left.size()) return std::unexpected("a literal is cut short");
  if (length > made.capacity() - made.size()) return std::unexpected("it makes too many bytes");
  made.insert(made.end(), left.begin(), left.begin() + static_cast<ptrdiff_t>(length));
  left = left.subspan(length);
  return {};
}

std::expected<void, const char*> copy(size_t tag, Bytes& left, std::vector<std::byte>& made) {
  const bool is_short = (tag & 3) == 1;
  const size_t length = is_short ? 4 + (tag >> 2 & 7) : 1 + (tag >> 2);
  const auto low = take(left, is_short ? 1 : (tag & 3) == 2 ? 2 : 4);
  if (!low) return std::unexpected(low.error());
  const size_t distance = is_short ? (tag >> 5) << 8 | *low : *low;
  if (distance == 0 || distance > made.size()) return std::unexpected("a copy begins nowhere");
  if (length > made.capacity() - made.size()) return std::unexpected("it makes too many bytes");
  for (size_t i = 0; i < length; ++i) made.push_back(made[made.size() - distance]);
  return {};
}

}  // namespace

std::expected<std::vector<std::byte>, const char*> snappy_decompressed(Bytes compressed,
                                                                       size_t limit_bytes) {
  const auto size = announced_size(compressed);
  if (!size) return std::unexpected(size.error());
  if (*size > limit_bytes) return std::unexpected("it announces too many bytes");
  std::vector<std::byte> made;
  made.reserve(*size);
  while (!compressed.empty()) {
    const size_t tag = *take(compressed, 1);
    const auto done = (tag & 3) == 0 ? literal(tag, compressed, made) : copy(tag, compressed, made);
    if (!done) return std::unexpected(done.error());
    if (made.size() > *size) return std::unexpected("it makes too many bytes");
  }
  if (made.size() != *size) return std::unexpected("it makes fewer bytes than it announces");
  return made;
}

}  // namespace headrace::formats
