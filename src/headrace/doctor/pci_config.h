// What a PCI function's configuration space says of access control (ACS).
// Thread safety: a pure function. Any bytes are taken; a loop of capabilities ends.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace headrace::doctor {

// The ACS control register; nothing without the capability, or when only root may read that far
// (then the file ends after 64 bytes).
std::optional<uint16_t> acs_control(std::string_view config);
// Whether peer-to-peer traffic is sent up to the root instead of straight to its peer.
bool redirects_peers(uint16_t acs_control);

}  // namespace headrace::doctor
