// The host twins.
#include "headrace/kernels/jpeg.h"

#include "headrace/kernels/jpeg_entropy-inl.h"
#include "headrace/kernels/jpeg_pixels-inl.h"

namespace headrace::kernels {

void run_jpegs(const JpegBatch& batch) {
  for (uint32_t interval = 0; interval < batch.interval_count; ++interval) {
    decode_interval(batch, interval);
  }
  for (uint32_t index = 0; index < batch.picture_count; ++index) {
    const JpegPicture& picture = batch.pictures[index];
    for (uint32_t block = 0; block < picture.block_count; ++block) {
      make_samples(batch, index, block);
    }
    const uint64_t pixel_count = uint64_t{picture.width} * picture.height;
    for (uint64_t pixel = 0; pixel < pixel_count; ++pixel) make_pixel(batch, index, pixel);
  }
}

}  // namespace headrace::kernels
