// What a path should carry, as far as the machine itself says it: half of what its slowest link is
// built for. Thread safety: pure readings. Invariant: where the machine does not say it, there is
// no expectation, and no check may call itself a failure.
#pragma once

#include <string>
#include <string_view>

#include "headrace/doctor/data_path.h"

namespace headrace::doctor {

struct Expectation {
  double bytes_per_s = 0;   // 0 = none
  std::string reason = {};  // "half of what nvme0n1's PCIe link carries", or why there is none
};
Expectation expectation_of(const Host& host, const DataPath& path);

// "16.0 GT/s PCIe": what one lane carries of it, encoding taken off; 0 for other texts.
double lane_bytes_per_s(std::string_view link_speed);

}  // namespace headrace::doctor
