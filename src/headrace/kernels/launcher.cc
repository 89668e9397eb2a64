// Grids of the kernels.
#include "headrace/kernels/launcher.h"

#include "headrace/base/check.h"

namespace headrace::kernels {
namespace {

constexpr uint32_t k_grid_rows_most = 65535;

}  // namespace

Launcher::Launcher(const device::Device& device, std::span<const std::byte> code)
    : module_(device, code),
      pictures_(module_.function(k_picture_kernel)),
      tokens_(module_.function(k_token_kernel)),
      jpeg_entropy_(module_.function(k_jpeg_entropy_kernel)),
      jpeg_samples_(module_.function(k_jpeg_samples_kernel)),
      jpeg_pixels_(module_.function(k_jpeg_pixels_kernel)) {}

void Launcher::start(const PictureBatch& batch, const PictureLaunch& launch,
                     shim::CuStream stream) const {
  HR_CHECK(batch.picture_count <= k_grid_rows_most, "{} pictures", batch.picture_count);
  if (batch.picture_count == 0) return;
  module_.launch(pictures_,
                 {.x = launch.tile_count,
                  .y = batch.picture_count,
                  .threads = k_picture_threads,
                  .shared_bytes = batch.shared_words * uint32_t{sizeof(uint16_t)}},
                 stream, batch);
}

void Launcher::start(const TokenBatch& batch, shim::CuStream stream) const {
  HR_CHECK(batch.row_count <= k_grid_rows_most, "{} rows", batch.row_count);
  if (batch.row_count == 0 || batch.length == 0) return;
  module_.launch(tokens_,
                 {.x = token_blocks(batch), .y = batch.row_count, .threads = k_token_threads},
                 stream, batch);
}

void Launcher::start(const JpegBatch& batch, const JpegLaunch& launch,
                     shim::CuStream stream) const {
  HR_CHECK(batch.picture_count <= k_grid_rows_most, "{} pictures", batch.picture_count);
  if (batch.picture_count == 0) return;
  const auto blocks_for = [](uint64_t thread_count, uint32_t threads) {
    return static_cast<uint32_t>((thread_count + threads - 1) / threads);
  };
  module_.launch(
      jpeg_entropy_,
      {.x = blocks_for(batch.interval_count, k_interval_threads), .threads = k_interval_threads},
      stream, batch);
  module_.launch(jpeg_samples_,
                 {.x = blocks_for(launch.most_blocks, k_jpeg_threads),
                  .y = batch.picture_count,
                  .threads = k_jpeg_threads},
                 stream, batch);
  module_.launch(jpeg_pixels_,
                 {.x = blocks_for(launch.most_pixels, k_jpeg_threads),
                  .y = batch.picture_count,
                  .threads = k_jpeg_threads},
                 stream, batch);
}

}  // namespace headrace::kernels
