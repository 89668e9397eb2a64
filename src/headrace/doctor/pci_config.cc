// Extended capabilities: a list from byte 256 on, each with id, version and the next one's place.
#include "headrace/doctor/pci_config.h"

namespace headrace::doctor {
namespace {

constexpr size_t k_first = 0x100;
constexpr uint32_t k_acs_id = 0x000D;
constexpr size_t k_control_offset = 6;
constexpr int k_most_capabilities = 48;
constexpr uint16_t k_request_redirect = 1 << 2;
constexpr uint16_t k_completion_redirect = 1 << 3;

std::optional<uint32_t> number_at(std::string_view bytes, size_t offset, size_t size) {
  if (offset + size > bytes.size()) return std::nullopt;
  uint32_t value = 0;
  for (size_t i = 0; i < size; ++i) {
    value |= static_cast<uint32_t>(static_cast<unsigned char>(bytes[offset + i])) << (8 * i);
  }
  return value;
}

}  // namespace

std::optional<uint16_t> acs_control(std::string_view config) {
  size_t offset = k_first;
  for (int seen = 0; seen < k_most_capabilities && offset >= k_first; ++seen) {
    const auto header = number_at(config, offset, 4);
    if (!header) return std::nullopt;
    if ((*header & 0xffff) == k_acs_id) {
      const auto control = number_at(config, offset + k_control_offset, 2);
      return control ? std::optional(static_cast<uint16_t>(*control)) : std::nullopt;
    }
    offset = *header >> 20;
  }
  return std::nullopt;
}

bool redirects_peers(uint16_t acs_control) {
  return (acs_control & (k_request_redirect | k_completion_redirect)) != 0;
}

}  // namespace headrace::doctor
