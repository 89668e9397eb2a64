// The line to beat: libjpeg-turbo decoding whole pictures to RGB and doing nothing with them.
// Thread safety: one a thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace headrace::bench {

// Decodes into `rgb`, grown once to the largest picture; default settings (islow, fancy
// upsampling).
void turbo_decode(std::span<const std::byte> jpeg, std::vector<uint8_t>& rgb);

}  // namespace headrace::bench
