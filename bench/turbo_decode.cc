// libjpeg-turbo's own example loop.
#include "turbo_decode.h"

#include <atomic>
#include <cstdio>
#include <thread>
// jpeglib.h needs FILE from cstdio.
#include <jpeglib.h>

namespace headrace::bench {

void turbo_decode(std::span<const std::byte> jpeg, std::vector<uint8_t>& rgb) {
  jpeg_decompress_struct picture;
  jpeg_error_mgr errors;
  picture.err = jpeg_std_error(&errors);
  jpeg_create_decompress(&picture);
  jpeg_mem_src(&picture, reinterpret_cast<const unsigned char*>(jpeg.data()), jpeg.size());
  jpeg_read_header(&picture, TRUE);
  picture.out_color_space = JCS_RGB;
  jpeg_start_decompress(&picture);
  const size_t stride = size_t{picture.output_width} * 3;
  if (rgb.size() < stride * picture.output_height) rgb.resize(stride * picture.output_height);
  while (picture.output_scanline < picture.output_height) {
    JSAMPROW rows[4];
    for (unsigned row = 0; row < 4; ++row) {
      rows[row] = rgb.data() + (picture.output_scanline + row) * stride;
    }
    jpeg_read_scanlines(&picture, rows, 4);
  }
  jpeg_finish_decompress(&picture);
  jpeg_destroy_decompress(&picture);
}

Sample decode_only(const std::vector<std::vector<std::byte>>& pictures,
                   const DecodeOptions& options) {
  std::atomic<size_t> next{0};
  const double begin_s = now_s(), begin_cpu_s = process_cpu_s();
  {
    std::vector<std::jthread> threads;
    for (uint32_t thread = 0; thread < options.threads; ++thread) {
      threads.emplace_back([&] {
        std::vector<uint8_t> rgb;
        while (now_s() - begin_s < options.seconds) {
          turbo_decode(pictures[next.fetch_add(1) % pictures.size()], rgb);
        }
      });
    }
  }
  return {.items = static_cast<double>(next.load()),
          .wall_s = now_s() - begin_s,
          .cpu_s = process_cpu_s() - begin_cpu_s};
}

}  // namespace headrace::bench
