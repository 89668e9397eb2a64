// The encoders of sample_files.h, and that they round-trip.
#include "headrace/ops/sample_files.h"

#include <gtest/gtest.h>
#include <jpeglib.h>
#include <png.h>
#include <webp/encode.h>

#include <cstdlib>
#include <cstring>

#include "headrace/base/check.h"

namespace headrace::ops {
namespace {

constexpr uint8_t k_exif[] = {'E', 'x', 'i', 'f', 0,    0, 'M', 'M', 0, 42, 0, 0, 0,
                              8,   0,   1,   1,   0x12, 0, 3,   0,   0, 0,  1, 0};

void append(png_structp png, png_bytep data, size_t size_bytes) {
  auto* target = static_cast<std::vector<std::byte>*>(png_get_io_ptr(png));
  const auto* bytes = reinterpret_cast<const std::byte*>(data);
  target->insert(target->end(), bytes, bytes + size_bytes);
}

struct PngLayout {
  int color = PNG_COLOR_TYPE_RGB;
  int depth = 8;
  int channels = 3;
};

PngLayout layout_of(PngKind kind) {
  switch (kind) {
    case PngKind::rgb:
      return {};
    case PngKind::rgba:
      return {PNG_COLOR_TYPE_RGB_ALPHA, 8, 4};
    case PngKind::grey:
      return {PNG_COLOR_TYPE_GRAY, 8, 1};
    case PngKind::grey_alpha:
      return {PNG_COLOR_TYPE_GRAY_ALPHA, 8, 2};
    case PngKind::rgb16:
      return {PNG_COLOR_TYPE_RGB, 16, 3};
    case PngKind::palette:
      return {PNG_COLOR_TYPE_PALETTE, 8, 1};
  }
  return {};
}

// Greys come from red; a palette's entry i is (i, 255 - i, i / 2); low bytes and alpha are noise.
std::vector<uint8_t> png_rows(const Pixels& pixels, const PngLayout& layout) {
  std::vector<uint8_t> rows;
  for (size_t i = 0; i < pixels.rgb.size() / 3; ++i) {
    for (int c = 0; c < std::min(layout.channels, 3); ++c) {
      const bool alpha = layout.channels == 2 && c == 1;
      rows.push_back(alpha ? static_cast<uint8_t>(i * 7)
                           : pixels.rgb[3 * i + static_cast<size_t>(c)]);
      if (layout.depth == 16) rows.push_back(static_cast<uint8_t>(i * 13));
    }
    if (layout.channels == 4) rows.push_back(static_cast<uint8_t>(i * 11));
  }
  return rows;
}

}  // namespace

Plane Pixels::plane(size_t color) const {
  Plane result{width, height, std::vector<uint8_t>(size_t{width} * height + 64)};
  for (size_t i = 0; i < size_t{width} * height; ++i) result.pixels[i] = rgb[3 * i + color];
  return result;
}

Pixels sample_pixels(uint32_t width, uint32_t height, uint32_t seed) {
  Pixels pixels{width, height, {}};
  std::mt19937 random(seed);
  for (uint32_t y = 0; y < height; ++y) {
    for (uint32_t x = 0; x < width; ++x) {
      for (const uint32_t base :
           {x * 200 / width, y * 200 / height, (x + y) * 100 / (width + height)}) {
        pixels.rgb.push_back(static_cast<uint8_t>(base + random() % 50));
      }
    }
  }
  return pixels;
}

std::vector<std::byte> encode_jpeg(const Pixels& pixels, uint8_t exif_orientation, JpegKind kind) {
  jpeg_compress_struct info;
  jpeg_error_mgr errors;
  info.err = jpeg_std_error(&errors);
  jpeg_create_compress(&info);
  unsigned char* memory = nullptr;
  unsigned long size_bytes = 0;
  jpeg_mem_dest(&info, &memory, &size_bytes);
  info.image_width = pixels.width;
  info.image_height = pixels.height;
  info.input_components = 3;
  info.in_color_space = JCS_RGB;
  jpeg_set_defaults(&info);
  jpeg_set_quality(&info, 95, TRUE);
  if (kind == JpegKind::grey) jpeg_set_colorspace(&info, JCS_GRAYSCALE);
  info.comp_info[0].h_samp_factor = kind == JpegKind::h2v2 || kind == JpegKind::h2v1 ? 2 : 1;
  info.comp_info[0].v_samp_factor = kind == JpegKind::h2v2 ? 2 : 1;
  jpeg_start_compress(&info, TRUE);
  if (exif_orientation != 0) {
    std::vector<uint8_t> exif(std::begin(k_exif), std::end(k_exif));
    exif.insert(exif.end(), {exif_orientation, 0, 0, 0, 0, 0, 0});
    jpeg_write_marker(&info, JPEG_APP0 + 1, exif.data(), static_cast<unsigned>(exif.size()));
  }
  while (info.next_scanline < info.image_height) {
    auto* row =
        const_cast<uint8_t*>(pixels.rgb.data()) + size_t{info.next_scanline} * pixels.width * 3;
    jpeg_write_scanlines(&info, &row, 1);
  }
  jpeg_finish_compress(&info);
  jpeg_destroy_compress(&info);
  const auto* bytes = reinterpret_cast<const std::byte*>(memory);
  std::vector<std::byte> result(bytes, bytes + size_bytes);
  std::free(memory);
  return result;
}

Pixels decode_jpeg(const std::vector<std::byte>& bytes) {
  jpeg_decompress_struct info;
  jpeg_error_mgr errors;
  info.err = jpeg_std_error(&errors);
  jpeg_create_decompress(&info);
  jpeg_mem_src(&info, reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size());
  jpeg_read_header(&info, TRUE);
  info.out_color_space = JCS_RGB;
  jpeg_start_decompress(&info);
  Pixels pixels{info.output_width, info.output_height, {}};
  pixels.rgb.resize(size_t{3} * pixels.width * pixels.height);
  while (info.output_scanline < info.output_height) {
    auto* row = pixels.rgb.data() + size_t{info.output_scanline} * pixels.width * 3;
    jpeg_read_scanlines(&info, &row, 1);
  }
  jpeg_finish_decompress(&info);
  jpeg_destroy_decompress(&info);
  return pixels;
}

std::vector<std::byte> encode_png(const Pixels& pixels, PngKind kind, bool interlaced) {
  const PngLayout layout = layout_of(kind);
  png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, nullptr, nullptr, nullptr);
  png_infop info = png_create_info_struct(png);
  std::vector<std::byte> result;
  png_set_write_fn(png, &result, append, nullptr);
  png_set_IHDR(png, info, pixels.width, pixels.height, layout.depth, layout.color,
               interlaced ? PNG_INTERLACE_ADAM7 : PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT,
               PNG_FILTER_TYPE_DEFAULT);
  png_color palette[256];
  png_byte opacity[256];
  for (int i = 0; i < 256; ++i) {
    palette[i] = {static_cast<png_byte>(i), static_cast<png_byte>(255 - i),
                  static_cast<png_byte>(i / 2)};
    opacity[i] = static_cast<png_byte>(i * 3);
  }
  if (kind == PngKind::palette) {
    png_set_PLTE(png, info, palette, 256);
    png_set_tRNS(png, info, opacity, 256, nullptr);
  }
  png_write_info(png, info);
  std::vector<uint8_t> rows = png_rows(pixels, layout);
  std::vector<png_bytep> pointers;
  for (size_t y = 0; y < pixels.height; ++y) {
    pointers.push_back(rows.data() + y * (rows.size() / pixels.height));
  }
  png_write_image(png, pointers.data());
  png_write_end(png, info);
  png_destroy_write_struct(&png, &info);
  return result;
}

std::vector<std::byte> encode_webp_lossless(const Pixels& pixels) {
  uint8_t* memory = nullptr;
  const auto width = static_cast<int>(pixels.width);
  const size_t size_bytes = WebPEncodeLosslessRGB(
      pixels.rgb.data(), width, static_cast<int>(pixels.height), 3 * width, &memory);
  HR_CHECK(size_bytes > 0);
  const auto* bytes = reinterpret_cast<const std::byte*>(memory);
  std::vector<std::byte> result(bytes, bytes + size_bytes);
  WebPFree(memory);
  return result;
}

namespace {

TEST(SampleFiles, of_jpeg_are_near_what_was_encoded) {
  const Pixels pixels = sample_pixels(40, 30);
  const Pixels decoded = decode_jpeg(encode_jpeg(pixels, 6));
  EXPECT_EQ(decoded.width, 40u);
  double total = 0;
  for (size_t i = 0; i < pixels.rgb.size(); ++i) total += std::abs(pixels.rgb[i] - decoded.rgb[i]);
  EXPECT_LT(total / static_cast<double>(pixels.rgb.size()), 20);
}

}  // namespace
}  // namespace headrace::ops
