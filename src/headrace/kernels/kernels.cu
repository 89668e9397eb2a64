// The kernels: each is its host twin's body, with a block's threads sharing the loops. C++20, since
// nvcc 13.0 takes no newer. Invariant: built without fused multiply-add, which would change bits.
#include "headrace/kernels/jpeg_entropy-inl.h"
#include "headrace/kernels/jpeg_pixels-inl.h"
#include "headrace/kernels/pictures-inl.h"
#include "headrace/kernels/tokens-inl.h"

namespace {

__device__ headrace::kernels::Block this_block() {
  return {.x = blockIdx.x, .y = blockIdx.y, .thread = threadIdx.x, .threads = blockDim.x};
}

}  // namespace

extern "C" __global__ void __launch_bounds__(headrace::kernels::k_picture_threads)
    hr_pictures(headrace::kernels::PictureBatch batch) {
  extern __shared__ uint16_t shared[];
  headrace::kernels::make_pictures(batch, this_block(), shared);
}

extern "C" __global__ void __launch_bounds__(headrace::kernels::k_interval_threads)
    hr_jpeg_entropy(headrace::kernels::JpegBatch batch) {
  headrace::kernels::decode_interval(batch, blockIdx.x * blockDim.x + threadIdx.x);
}

extern "C" __global__ void __launch_bounds__(headrace::kernels::k_jpeg_threads)
    hr_jpeg_samples(headrace::kernels::JpegBatch batch) {
  headrace::kernels::make_samples(batch, blockIdx.y, blockIdx.x * blockDim.x + threadIdx.x);
}

extern "C" __global__ void __launch_bounds__(headrace::kernels::k_jpeg_threads)
    hr_jpeg_pixels(headrace::kernels::JpegBatch batch) {
  headrace::kernels::make_pixel(batch, blockIdx.y, blockIdx.x * blockDim.x + threadIdx.x);
}

extern "C" __global__ void __launch_bounds__(headrace::kernels::k_token_threads)
    hr_tokens(headrace::kernels::TokenBatch batch) {
  headrace::kernels::make_tokens(batch, this_block());
}
