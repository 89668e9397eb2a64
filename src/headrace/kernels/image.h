// The compiled kernels as bytes that the driver loads. Thread safety: constant.
#pragma once

#include <cstddef>
#include <span>

namespace headrace::kernels {

// Empty where this build had no nvcc.
std::span<const std::byte> image();

}  // namespace headrace::kernels
