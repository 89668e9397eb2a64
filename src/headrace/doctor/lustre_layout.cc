// struct lov_user_md of Lustre's lustre_user.h, little-endian as on every machine that mounts it:
// u32 magic, u32 pattern, 16 bytes of object id, u32 stripe size, u16 stripe count, ...
#include "headrace/doctor/lustre_layout.h"

namespace headrace::doctor {
namespace {

constexpr uint32_t k_magic_v1 = 0x0BD10BD0;
constexpr uint32_t k_magic_v3 = 0x0BD30BD0;
constexpr uint32_t k_magic_composite = 0x0BD60BD0;
constexpr size_t k_size_offset = 24;
constexpr size_t k_count_offset = 28;
constexpr size_t k_least_bytes = 32;

uint32_t number_at(std::string_view bytes, size_t offset, size_t size) {
  uint32_t value = 0;
  for (size_t i = 0; i < size; ++i) {
    value |= static_cast<uint32_t>(static_cast<unsigned char>(bytes[offset + i])) << (8 * i);
  }
  return value;
}

}  // namespace

std::optional<LustreLayout> parse_lustre_layout(std::string_view bytes) {
  if (bytes.size() < k_least_bytes) return std::nullopt;
  const uint32_t magic = number_at(bytes, 0, 4);
  if (magic == k_magic_composite) return LustreLayout{.composite = true};
  if (magic != k_magic_v1 && magic != k_magic_v3) return std::nullopt;
  return LustreLayout{.stripe_bytes = number_at(bytes, k_size_offset, 4),
                      .stripe_count = number_at(bytes, k_count_offset, 2)};
}

}  // namespace headrace::doctor
