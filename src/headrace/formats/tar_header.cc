// The fields of a tar header: POSIX.1-2017 pax "ustar interchange format", and GNU's base-256
// numbers.
#include "headrace/formats/tar_header.h"

#include <algorithm>
#include <cstring>
#include <optional>

namespace headrace::formats {
namespace {

struct Field {
  size_t offset;
  size_t size;
};
constexpr Field k_name{0, 100}, k_mode{100, 8}, k_uid{108, 8}, k_gid{116, 8}, k_size{124, 12},
    k_mtime{136, 12}, k_checksum{148, 8}, k_magic{257, 8}, k_uname{265, 32}, k_gname{297, 32},
    k_prefix{345, 155};
constexpr size_t k_type_offset = 156;
constexpr std::string_view k_owner = "headrace";

std::string_view text_of(std::span<const std::byte, k_tar_block_bytes> block, Field field) {
  const auto* text = reinterpret_cast<const char*>(block.data()) + field.offset;
  return {text, ::strnlen(text, field.size)};
}

std::optional<uint64_t> base_256(std::span<const std::byte> digits) {
  uint64_t value = std::to_integer<uint64_t>(digits[0]) & 0x7f;
  for (const std::byte digit : digits.subspan(1)) {
    if (value >> 55) return std::nullopt;
    value = value << 8 | std::to_integer<uint64_t>(digit);
  }
  return value;
}

// Octal digits between spaces or NULs; all blank is 0, as old writers left unused fields.
std::optional<uint64_t> octal(std::string_view text) {
  const auto first = text.find_first_not_of(' ');
  if (first == std::string_view::npos) return 0;
  text = text.substr(first, text.find_last_not_of(' ') - first + 1);
  uint64_t value = 0;
  for (const char digit : text) {
    if (digit < '0' || digit > '7') return std::nullopt;
    value = value * 8 + static_cast<uint64_t>(digit - '0');  // 12 digits at most: no overflow
  }
  return value;
}

std::optional<uint64_t> number(std::span<const std::byte, k_tar_block_bytes> block, Field field) {
  const auto lead = std::to_integer<uint8_t>(block[field.offset]);
  if (lead == 0xff) return std::nullopt;  // negative
  if (lead & 0x80) return base_256(block.subspan(field.offset, field.size));
  return octal(text_of(block, field));
}

// Both sums are in use: POSIX adds unsigned bytes, some old writers signed ones.
bool checksum_holds(std::span<const std::byte, k_tar_block_bytes> block) {
  int64_t plain = 0, with_sign = 0;
  for (size_t i = 0; i < block.size(); ++i) {
    const bool own = i >= k_checksum.offset && i < k_checksum.offset + k_checksum.size;
    const auto byte = own ? uint8_t{' '} : std::to_integer<uint8_t>(block[i]);
    plain += byte;
    with_sign += static_cast<int8_t>(byte);
  }
  const auto stored = number(block, k_checksum);
  if (!stored || *stored > INT64_MAX) return false;
  const auto sum = static_cast<int64_t>(*stored);
  return sum == plain || sum == with_sign;
}

void put(TarBlock& block, Field field, std::string_view text) {
  std::memcpy(block.data() + field.offset, text.data(), std::min(text.size(), field.size));
}

// Zero-padded octal with a closing NUL.
void put_octal(TarBlock& block, Field field, uint64_t value) {
  for (size_t i = field.size - 1; i-- > 0; value >>= 3) {
    block[field.offset + i] = static_cast<std::byte>('0' + (value & 7));
  }
}

void put_size(TarBlock& block, uint64_t size_bytes) {
  constexpr uint64_t k_octal_limit = uint64_t{1} << 33;  // 11 digits
  if (size_bytes < k_octal_limit) return put_octal(block, k_size, size_bytes);
  for (size_t i = k_size.size; i-- > 1; size_bytes >>= 8) {
    block[k_size.offset + i] = static_cast<std::byte>(size_bytes & 0xff);
  }
  block[k_size.offset] = std::byte{0x80};
}

}  // namespace

std::expected<TarHeader, const char*> parse_tar_header(
    std::span<const std::byte, k_tar_block_bytes> block) {
  if (!checksum_holds(block)) return std::unexpected("the header's checksum does not hold");
  const auto size_bytes = number(block, k_size);
  if (!size_bytes || *size_bytes > uint64_t{INT64_MAX}) {
    return std::unexpected("the header's size is not a number");
  }
  TarHeader header{.name = std::string(text_of(block, k_name)),
                   .size_bytes = *size_bytes,
                   .type = static_cast<char>(block[k_type_offset])};
  const bool has_prefix = std::memcmp(block.data() + k_magic.offset, "ustar", 6) == 0;
  const std::string_view prefix = text_of(block, k_prefix);
  if (has_prefix && !prefix.empty()) header.name = std::string(prefix) + "/" + header.name;
  return header;
}

TarBlock make_tar_header(std::string_view name, uint64_t size_bytes, char type) {
  TarBlock block{};
  put(block, k_name, name);
  put_octal(block, k_mode, 0444);
  put_octal(block, k_uid, 0);
  put_octal(block, k_gid, 0);
  put_size(block, size_bytes);
  put_octal(block, k_mtime, 0);
  block[k_type_offset] = static_cast<std::byte>(type);
  put(block, k_magic,
      std::string_view("ustar\0"
                       "00",
                       8));
  put(block, k_uname, k_owner);
  put(block, k_gname, k_owner);
  put(block, k_checksum, "        ");
  uint64_t sum = 0;
  for (const std::byte byte : block) sum += std::to_integer<uint64_t>(byte);
  put_octal(block, {k_checksum.offset, 7}, sum);  // six digits, NUL, space
  block[k_checksum.offset + 6] = std::byte{0};
  return block;
}

bool is_zero_block(std::span<const std::byte, k_tar_block_bytes> block) {
  return std::ranges::all_of(block, [](std::byte byte) { return byte == std::byte{0}; });
}

}  // namespace headrace::formats
