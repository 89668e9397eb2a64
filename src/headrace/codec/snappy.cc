// Literals and copies of what came before, which may overlap what they make.
#include "headrace/codec/snappy.h"

#include <algorithm>
#include <cstdint>

namespace headrace::codec {
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

// Where the next bytes go.
struct Made {
  std::span<std::byte> target;
  size_t bytes = 0;
  size_t room() const { return target.size() - bytes; }
};

std::expected<void, const char*> literal(size_t tag, Bytes& left, Made& made) {
  size_t length = tag >> 2;
  if (length >= 60) {
    const auto more = take(left, length - 59);
    if (!more) return std::unexpected(more.error());
    length = *more;
  }
  ++length;
  if (length > left.size()) return std::unexpected("a literal is cut short");
  if (length > made.room()) return std::unexpected("it makes too many bytes");
  std::ranges::copy(left.first(length), made.target.begin() + static_cast<ptrdiff_t>(made.bytes));
  made.bytes += length;
  left = left.subspan(length);
  return {};
}

std::expected<void, const char*> copy(size_t tag, Bytes& left, Made& made) {
  const bool is_short = (tag & 3) == 1;
  const size_t length = is_short ? 4 + (tag >> 2 & 7) : 1 + (tag >> 2);
  const auto low = take(left, is_short ? 1 : (tag & 3) == 2 ? 2 : 4);
  if (!low) return std::unexpected(low.error());
  const size_t distance = is_short ? (tag >> 5) << 8 | *low : *low;
  if (distance == 0 || distance > made.bytes) return std::unexpected("a copy begins nowhere");
  if (length > made.room()) return std::unexpected("it makes too many bytes");
  std::byte* to = made.target.data() + made.bytes;
  for (size_t i = 0; i < length; ++i) to[i] = *(to + i - distance);
  made.bytes += length;
  return {};
}

}  // namespace

std::expected<size_t, const char*> snappy_announced_bytes(Bytes packed) {
  return announced_size(packed);
}

std::expected<void, const char*> snappy_decompress(Bytes packed, std::span<std::byte> target) {
  const auto size = announced_size(packed);
  if (!size) return std::unexpected(size.error());
  if (*size != target.size()) return std::unexpected("it announces another size");
  Made made{.target = target};
  while (!packed.empty()) {
    const size_t tag = *take(packed, 1);
    const auto done = (tag & 3) == 0 ? literal(tag, packed, made) : copy(tag, packed, made);
    if (!done) return done;
  }
  if (made.room() > 0) return std::unexpected("it makes fewer bytes than it announces");
  return {};
}

}  // namespace headrace::codec
