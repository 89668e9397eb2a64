// ./run bench feed --error: how far decode = "fast" is from "exact" on every photograph, in 8-bit
// values of the finished crop. Thread safety: one thread.
#pragma once

#include <cstddef>
#include <vector>

namespace headrace::bench {

void print_error(const std::vector<std::vector<std::byte>>& pictures);

}  // namespace headrace::bench
