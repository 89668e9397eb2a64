// What a kernel's body needs besides C++, so that one body serves the device and its host twin: on
// the device a block's threads share its loops, on the host one thread runs them all.
// Thread safety: pure. Invariant: both give the same bits, so no float operation may be fused.
#pragma once

#include <cstdint>

#if defined(__CUDACC__)
#define HR_BOTH __host__ __device__ inline
#else
#define HR_BOTH inline
#endif

namespace headrace::kernels {

struct Block {
  uint32_t x = 0, y = 0;  // its place in the grid
  uint32_t thread = 0, threads = 1;

  HR_BOTH void wait_for_all() const {
#if defined(__CUDA_ARCH__)
    __syncthreads();
#endif
  }
};

// Rounded after each operation. ISO C++ fuses none of its own accord (-ffp-contract=off).
HR_BOTH float difference(float a, float b) {
#if defined(__CUDA_ARCH__)
  return __fsub_rn(a, b);
#else
  return a - b;
#endif
}
HR_BOTH float product(float a, float b) {
#if defined(__CUDA_ARCH__)
  return __fmul_rn(a, b);
#else
  return a * b;
#endif
}
HR_BOTH double product_and_half(double a, double b) {
#if defined(__CUDA_ARCH__)
  return __dadd_rn(__dmul_rn(a, b), 0.5);
#else
  const double both = a * b;
  return both + 0.5;
#endif
}

}  // namespace headrace::kernels
