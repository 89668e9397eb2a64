// Decode::fast beside Decode::exact: close on every sampling, orientation and crop, and on real
// photographs (HEADRACE_PHOTOS, else the cache) within what docs/performance.md states.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <filesystem>

#include "headrace/base/files.h"
#include "headrace/ops/image.h"
#include "headrace/ops/sample_files.h"

namespace headrace::ops {
namespace {

using Row = std::vector<uint8_t>;

Row run(const ImageOptions& options, const std::vector<std::byte>& file, uint64_t sample_id) {
  const Image op(options);
  Row row(op.output().row_bytes());
  const auto scratch = op.make_scratch();
  const auto done = op.run(file, {.draw = {.seed = 3, .sample_id = sample_id}}, *scratch,
                           std::as_writable_bytes(std::span(row)));
  EXPECT_TRUE(done) << done.error().what;
  return row;
}

struct Error8 {
  double psnr_db = 99, mean = 0;
};

// Of fast against exact.
Error8 error_of(ImageOptions options, const std::vector<std::byte>& file, uint64_t sample_id) {
  options.dct_scaling = false;
  options.format.type = Type::uint8;
  const Row exact = run(options, file, sample_id);
  options.decode = Decode::fast;
  const Row fast = run(options, file, sample_id);
  double squares = 0, sum = 0;
  for (size_t i = 0; i < exact.size(); ++i) {
    const double distance = std::abs(int{exact[i]} - int{fast[i]});
    squares += distance * distance;
    sum += distance;
  }
  const auto count = static_cast<double>(exact.size());
  return {squares == 0 ? 99 : 10 * std::log10(255 * 255 * count / squares), sum / count};
}

// Colors that change slowly, as in photographs, under a sharp grey pattern.
Pixels soft_colors(uint32_t width, uint32_t height) {
  Pixels pixels{width, height, {}};
  for (uint32_t y = 0; y < height; ++y) {
    for (uint32_t x = 0; x < width; ++x) {
      const uint32_t grey = (x * 7 ^ y * 5) % 60;
      pixels.rgb.push_back(static_cast<uint8_t>(grey + x * 180 / width));
      pixels.rgb.push_back(static_cast<uint8_t>(grey + y * 180 / height));
      pixels.rgb.push_back(static_cast<uint8_t>(grey + (x + y) * 180 / (width + height)));
    }
  }
  return pixels;
}

TEST(ImageFast, is_close_to_exact_for_every_sampling_orientation_and_crop) {
  for (const JpegKind kind : {JpegKind::h2v2, JpegKind::h2v1, JpegKind::h1v1, JpegKind::grey}) {
    for (uint8_t exif = 1; exif <= 8; ++exif) {
      const auto file = encode_jpeg(soft_colors(203, 151), exif, kind);
      for (const Crop crop : {Crop::random_resized, Crop::center, Crop::none}) {
        const ImageOptions options{.crop = crop,
                                   .shorter = 110,
                                   .flip_probability = 0.5,
                                   .format = {.width = 97, .height = 64}};
        for (uint64_t id = 0; id < 4; ++id) {
          const Error8 error = error_of(options, file, id);
          EXPECT_GT(error.psnr_db, 45) << int{exif} << " " << static_cast<int>(kind);
          EXPECT_LT(error.mean, 0.8) << int{exif} << " " << static_cast<int>(kind);
        }
      }
    }
  }
}

TEST(ImageFast, is_exact_for_grey_pictures_and_other_formats) {
  const Pixels pixels = soft_colors(90, 70);
  const ImageOptions options{.format = {.width = 50, .height = 40}};
  EXPECT_EQ(error_of(options, encode_jpeg(pixels, 0, JpegKind::grey), 1).psnr_db, 99);
  EXPECT_EQ(error_of(options, encode_png(pixels, PngKind::rgb), 1).psnr_db, 99);
}

TEST(ImageFast, takes_the_smallest_pictures) {
  for (const JpegKind kind : {JpegKind::h2v2, JpegKind::h2v1, JpegKind::h1v1, JpegKind::grey}) {
    for (uint32_t width = 1; width < 20; ++width) {
      for (uint32_t height = 1; height < 20; ++height) {
        const auto file = encode_jpeg(soft_colors(width, height), 0, kind);
        for (uint64_t id = 0; id < 3; ++id) {
          const ImageOptions options{.format = {.width = 33, .height = 5}};
          EXPECT_GT(error_of(options, file, id).psnr_db, 20) << width << "x" << height;
        }
      }
    }
  }
}

TEST(ImageFast, refuses_what_exact_refuses) {
  auto file = encode_jpeg(soft_colors(100, 80));
  file.resize(file.size() / 2);
  const Image op({.decode = Decode::fast});
  const auto scratch = op.make_scratch();
  std::vector<std::byte> row(op.output().row_bytes());
  EXPECT_FALSE(op.run(file, {}, *scratch, row));
}

std::vector<std::string> some_photos() {
  const char* named = std::getenv("HEADRACE_PHOTOS");
  const char* home = std::getenv("HOME");
  const std::filesystem::path folder =
      named ? named : std::filesystem::path(home ? home : "") / ".cache/headrace/photos-v1";
  std::vector<std::string> paths, chosen;
  if (!std::filesystem::exists(folder)) return paths;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (entry.path().extension() == ".jpg") paths.push_back(entry.path().string());
  }
  std::ranges::sort(paths);
  for (size_t index = 0; index < paths.size(); index += 50) chosen.push_back(paths[index]);
  return chosen;
}

TEST(ImageFast, keeps_its_stated_error_on_photographs) {
  const auto paths = some_photos();
  if (paths.empty()) GTEST_SKIP() << "no photo set";
  double mean = 0, mean_db = 0;
  for (size_t index = 0; index < paths.size(); ++index) {
    const auto bytes = read_file(real_files(), paths[index], 1 << 26);
    const Error8 error = error_of({.flip_probability = 0.5}, bytes, index);
    EXPECT_GT(error.psnr_db, 30) << paths[index];
    mean += error.mean / static_cast<double>(paths.size());
    mean_db += error.psnr_db / static_cast<double>(paths.size());
  }
  EXPECT_LT(mean, 0.6);
  EXPECT_GT(mean_db, 42);
}

}  // namespace
}  // namespace headrace::ops
