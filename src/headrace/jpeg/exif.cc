// The one field of EXIF that changes what a person sees: the orientation in the first directory of
// its TIFF.
#include "headrace/jpeg/header.h"

namespace headrace::jpeg {
namespace {

// Integers of either byte order at offsets from the TIFF header; whatever lies outside reads as 0.
class Tiff {
 public:
  explicit Tiff(std::span<const std::byte> bytes)
      : bytes_(bytes), big_endian_(byte_at(0) == 'M' && byte_at(1) == 'M') {}
  bool valid() const {
    const bool little_endian = byte_at(0) == 'I' && byte_at(1) == 'I';
    return (big_endian_ || little_endian) && u16(2) == 42;
  }
  uint32_t u16(uint64_t at_bytes) const {
    const uint32_t first = byte_at(at_bytes), second = byte_at(at_bytes + 1);
    return big_endian_ ? first << 8 | second : second << 8 | first;
  }
  uint32_t u32(uint64_t at_bytes) const {
    const uint32_t first = u16(at_bytes), second = u16(at_bytes + 2);
    return big_endian_ ? first << 16 | second : second << 16 | first;
  }
  uint64_t size_bytes() const { return bytes_.size(); }

 private:
  uint32_t byte_at(uint64_t at_bytes) const {
    return at_bytes < bytes_.size() ? static_cast<uint32_t>(bytes_[at_bytes]) : 0;
  }

  std::span<const std::byte> bytes_;
  bool big_endian_;
};

constexpr uint32_t k_orientation_tag = 0x0112;
constexpr uint32_t k_type_short = 3, k_type_long = 4;
constexpr uint64_t k_entry_bytes = 12;

}  // namespace

uint8_t parse_exif_orientation(std::span<const std::byte> payload) {
  if (payload.size() < 6 + 8) return 1;
  const Tiff tiff(payload.subspan(6));
  if (!tiff.valid()) return 1;
  const uint64_t directory_bytes = tiff.u32(4);
  const uint32_t entry_count = tiff.u16(directory_bytes);
  for (uint32_t index = 0; index < entry_count; ++index) {
    const uint64_t entry_bytes = directory_bytes + 2 + index * k_entry_bytes;
    if (entry_bytes + k_entry_bytes > tiff.size_bytes()) return 1;
    if (tiff.u16(entry_bytes) != k_orientation_tag) continue;
    const uint32_t type = tiff.u16(entry_bytes + 2);
    if (tiff.u32(entry_bytes + 4) != 1) return 1;
    uint32_t value = 0;
    if (type == k_type_short) value = tiff.u16(entry_bytes + 8);
    if (type == k_type_long) value = tiff.u32(entry_bytes + 8);
    return value >= 1 && value <= 8 ? static_cast<uint8_t>(value) : 1;
  }
  return 1;
}

}  // namespace headrace::jpeg
