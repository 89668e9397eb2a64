// decode_planes against the raw planes that libjpeg-turbo gives before upsampling, and the photo
// set (HEADRACE_PHOTOS, else the cache) in random boxes, as it is and recoded.
#include <gtest/gtest.h>
#include <jpeglib.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>

#include "headrace/base/files.h"
#include "headrace/base/random.h"
#include "headrace/jpeg/baseline_decoder.h"
#include "headrace/jpeg/recode.h"
#include "headrace/jpeg/sample_pictures.h"

namespace headrace::jpeg {
namespace {

struct RawPlane {
  std::vector<uint8_t> samples;
  uint32_t width = 0, height = 0;
  uint8_t at(uint32_t x, uint32_t y) const { return samples[size_t{y} * width + x]; }
};

std::vector<RawPlane> decode_raw(const std::vector<std::byte>& bytes) {
  jpeg_decompress_struct info{};
  jpeg_error_mgr errors{};
  info.err = jpeg_std_error(&errors);
  jpeg_create_decompress(&info);
  jpeg_mem_src(&info, reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size());
  jpeg_read_header(&info, TRUE);
  info.raw_data_out = TRUE;
  jpeg_start_decompress(&info);
  std::vector<RawPlane> planes(static_cast<size_t>(info.num_components));
  std::vector<std::vector<JSAMPROW>> rows(planes.size());
  for (size_t index = 0; index < planes.size(); ++index) {
    planes[index].width = info.comp_info[index].width_in_blocks * 8;
    planes[index].height =
        info.total_iMCU_rows * static_cast<uint32_t>(info.comp_info[index].v_samp_factor) * 8;
    // Raw rows end at a whole MCU.
    planes[index].width = (planes[index].width + 15) / 16 * 16 + 16;
    planes[index].samples.resize(size_t{planes[index].width} * planes[index].height);
  }
  for (uint32_t turn = 0; info.output_scanline < info.output_height; ++turn) {
    JSAMPARRAY images[3] = {};
    for (size_t index = 0; index < planes.size(); ++index) {
      const auto high = static_cast<uint32_t>(info.comp_info[index].v_samp_factor) * 8;
      rows[index].resize(high);
      for (uint32_t row = 0; row < high; ++row) {
        rows[index][row] =
            planes[index].samples.data() + size_t{planes[index].width} * (turn * high + row);
      }
      images[index] = rows[index].data();
    }
    jpeg_read_raw_data(&info, images, static_cast<JDIMENSION>(info.max_v_samp_factor) * 8);
  }
  jpeg_finish_decompress(&info);
  jpeg_destroy_decompress(&info);
  return planes;
}

void expect_samples(const SampledPlane& plane, const RawPlane& raw, Box box) {
  EXPECT_EQ(plane.x * plane.pixels_wide + plane.offset_x, box.x);
  EXPECT_EQ(plane.y * plane.pixels_high + plane.offset_y, box.y);
  EXPECT_EQ(plane.x + plane.view.width, (box.x + box.width - 1) / plane.pixels_wide + 1);
  EXPECT_EQ(plane.y + plane.view.height, (box.y + box.height - 1) / plane.pixels_high + 1);
  for (uint32_t row = 0; row < plane.view.height; ++row) {
    for (uint32_t column = 0; column < plane.view.width; ++column) {
      ASSERT_EQ(plane.view.data[row * plane.view.stride_bytes + column],
                raw.at(plane.x + column, plane.y + row));
    }
  }
}

TEST(BaselinePlanes, are_the_samples_that_libjpeg_turbo_upsamples_from) {
  BaselineDecoder decoder;
  Draws draws({.seed = 51});
  for (const auto& [horizontal, vertical, color] : {std::tuple{2, 2, SampleColor::ycbcr},
                                                    {2, 1, SampleColor::ycbcr},
                                                    {1, 1, SampleColor::ycbcr},
                                                    {1, 1, SampleColor::grey}}) {
    const auto bytes = make_sample({.width = 121,
                                    .height = 87,
                                    .color = color,
                                    .horizontal = horizontal,
                                    .vertical = vertical,
                                    .restart_interval_mcus = 3});
    const auto raw = decode_raw(bytes);
    const Header header = parse_header(bytes).value();
    for (int turn = 0; turn < 40; ++turn) {
      const Box box = random_box(draws, 121, 87);
      const auto planes = decoder.decode_planes(bytes, header, box);
      ASSERT_TRUE(planes) << planes.error().what;
      ASSERT_EQ(planes->count, raw.size());
      for (uint32_t index = 0; index < planes->count; ++index) {
        expect_samples(planes->planes[index], raw[index], box);
      }
    }
  }
}

std::vector<std::string> photo_paths() {
  const char* named = std::getenv("HEADRACE_PHOTOS");
  const char* home = std::getenv("HOME");
  const std::filesystem::path folder =
      named ? named : std::filesystem::path(home ? home : "") / ".cache/headrace/photos-v1";
  std::vector<std::string> paths;
  if (!std::filesystem::exists(folder)) return paths;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (entry.path().extension() == ".jpg") paths.push_back(entry.path().string());
  }
  std::ranges::sort(paths);
  return paths;
}

// Every 40th photograph; all of them with HEADRACE_ALL_PHOTOS=1.
TEST(BaselinePlanes, photographs_equal_libjpeg_turbo_as_they_are_and_recoded) {
  const auto paths = photo_paths();
  if (paths.empty()) GTEST_SKIP() << "no photo set";
  BaselineDecoder decoder;
  Draws draws({.seed = 52});
  for (size_t index = 0; index < paths.size();
       index += std::getenv("HEADRACE_ALL_PHOTOS") ? 1 : 40) {
    const auto bytes = read_file(real_files(), paths[index], 1u << 26);
    const auto recoded = recode(bytes);
    ASSERT_TRUE(recoded) << paths[index];
    const Oracle oracle = decode_whole(bytes);
    Box box{0, 0, oracle.width, oracle.height};
    for (const auto* version : {&bytes, &*recoded, &*recoded, &bytes}) {
      const Header header = parse_header(*version).value();
      const auto view = decoder.decode(*version, header, box);
      ASSERT_TRUE(view) << paths[index] << ": " << view.error().what;
      ASSERT_EQ(difference(*view, oracle, box.x, box.y), "") << paths[index];
      box = random_box(draws, oracle.width, oracle.height);
    }
  }
}

}  // namespace
}  // namespace headrace::jpeg
