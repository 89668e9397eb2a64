// The line to beat: libjpeg-turbo decoding whole pictures to RGB and doing nothing with them.
// Thread safety: any thread, with an `rgb` of its own.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "headrace/bench/table.h"

namespace headrace::bench {

// Decodes into `rgb`, grown once to the largest picture; default settings (islow, fancy
// upsampling).
void turbo_decode(std::span<const std::byte> jpeg, std::vector<uint8_t>& rgb);

struct DecodeOptions {
  uint32_t threads = 1;
  double seconds = 1;
};
// All threads decode whole pictures, taking turns, until the time is up.
Sample decode_only(const std::vector<std::vector<std::byte>>& pictures,
                   const DecodeOptions& options);

}  // namespace headrace::bench
