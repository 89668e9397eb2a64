// Which share of a field's rows a device makes where both it and the host may: so that neither
// waits for the other. Thread safety: pure.
#pragma once

#include <algorithm>

#include "headrace/loader/deferred.h"

namespace headrace::loader {

// Seconds a row by all workers together, and by the device; 0 = not known yet.
struct RowCosts {
  double host_s = 0;
  double device_s = 0;
};

// Rows go by the rates. Each side keeps some, or its cost could not be seen to fall again. Halfway
// from the share before: a batch's costs are noisy.
inline uint32_t balanced_share(uint32_t before, const RowCosts& costs) {
  if (costs.host_s <= 0 || costs.device_s <= 0) return before;
  const double wanted = k_share_whole * costs.host_s / (costs.host_s + costs.device_s);
  constexpr uint32_t k_least = k_share_whole / 32;
  const auto next = static_cast<uint32_t>((before + wanted) / 2);
  return std::clamp(next, k_least, k_share_whole - k_least);
}

}  // namespace headrace::loader
