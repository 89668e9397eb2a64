// ./run bench feed --error: that "exact" has libjpeg-turbo's pixels on every photograph, and how
// far "fast" is from "exact", in 8-bit values of the finished crop. Thread safety: one thread.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace headrace::bench {

// Whole pictures, every pixel.
void print_exactness(const std::string& name, const std::vector<std::vector<std::byte>>& pictures);
void print_error(const std::vector<std::vector<std::byte>>& pictures);

}  // namespace headrace::bench
