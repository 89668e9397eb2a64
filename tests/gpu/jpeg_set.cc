// Pictures of soft shapes and noise: at quality 92 some 90 KB each, as photographs of this size.
#include "jpeg_set.h"

#include <cstdio>
#include <cstdlib>
#include <random>

#include <jpeglib.h>

#include "headrace/base/check.h"
#include "headrace/jpeg/decoder.h"
#include "headrace/jpeg/recode.h"

namespace headrace::gpu {
namespace {

std::vector<uint8_t> painted(uint32_t seed) {
  std::minstd_rand random(seed + 1);
  std::vector<uint8_t> pixels(k_jpeg_pixel_bytes);
  for (uint32_t y = 0; y < k_jpeg_height; ++y) {
    for (uint32_t x = 0; x < k_jpeg_width; ++x) {
      const uint32_t shape = (x * (seed % 5 + 1) / 9 + y * y / (200 + seed % 90)) % 150;
      for (uint32_t color = 0; color < 3; ++color) {
        pixels[3 * (size_t{y} * k_jpeg_width + x) + color] =
            static_cast<uint8_t>(shape + color * 20 + random() % 40);
      }
    }
  }
  return pixels;
}

std::vector<std::byte> encoded(const std::vector<uint8_t>& pixels) {
  jpeg_compress_struct info = {};
  jpeg_error_mgr errors = {};
  info.err = jpeg_std_error(&errors);
  jpeg_create_compress(&info);
  unsigned char* file = nullptr;
  unsigned long file_bytes = 0;
  jpeg_mem_dest(&info, &file, &file_bytes);
  info.image_width = k_jpeg_width;
  info.image_height = k_jpeg_height;
  info.in_color_space = JCS_RGB;
  info.input_components = 3;
  jpeg_set_defaults(&info);
  jpeg_set_quality(&info, 92, TRUE);
  jpeg_start_compress(&info, TRUE);
  while (info.next_scanline < info.image_height) {
    auto* row = const_cast<JSAMPROW>(pixels.data() + size_t{3} * k_jpeg_width * info.next_scanline);
    jpeg_write_scanlines(&info, &row, 1);
  }
  jpeg_finish_compress(&info);
  jpeg_destroy_compress(&info);
  const auto* begin = reinterpret_cast<const std::byte*>(file);
  std::vector<std::byte> bytes(begin, begin + file_bytes);
  std::free(file);
  return bytes;
}

}  // namespace

JpegSet::JpegSet(uint32_t picture_count) {
  constexpr uint32_t k_distinct = 16;  // the rest repeat them
  std::vector<std::vector<std::byte>> files;
  for (uint32_t i = 0; i < picture_count; ++i) {
    if (i < k_distinct) {
      auto packed = jpeg::recode(encoded(painted(i)));
      HR_CHECK(packed);
      files.push_back(std::move(*packed));
    }
    const auto& bytes = files[i % k_distinct];
    offsets_.push_back(coded_.size());
    sizes_.push_back(bytes.size());
    coded_.insert(coded_.end(), bytes.begin(), bytes.end());
  }
}

std::span<const std::byte> JpegSet::file(uint32_t index) const {
  return std::span(coded_).subspan(offsets_[index], sizes_[index]);
}

kernels::JpegPlan JpegSet::plan(uint8_t* pixels) const {
  kernels::JpegPlan plan;
  for (uint32_t i = 0; i < count(); ++i) {
    HR_CHECK(plan.add(file(i), offsets_[i], pixels + i * k_jpeg_pixel_bytes));
  }
  return plan;
}

std::vector<uint8_t> JpegSet::by_the_cpu() const {
  std::vector<uint8_t> all;
  jpeg::Decoder decoder;
  for (uint32_t i = 0; i < count(); ++i) {
    const auto header = jpeg::parse_header(file(i));
    const auto view = decoder.decode(file(i), *header, {0, 0, k_jpeg_width, k_jpeg_height}, 1);
    HR_CHECK(view);
    for (uint32_t y = 0; y < k_jpeg_height; ++y) {
      for (uint32_t x = 0; x < k_jpeg_width; ++x) {
        for (const auto& plane : view->planes) {
          all.push_back(plane.data[y * plane.stride_bytes + x]);
        }
      }
    }
  }
  return all;
}

}  // namespace headrace::gpu
