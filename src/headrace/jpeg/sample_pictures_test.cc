// Pictures for this room's tests. In a test source, so that the encoder is not part of the library.
#include "headrace/jpeg/sample_pictures.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <jpeglib.h>

#include <csetjmp>
#include <cstdlib>
#include <memory>

#include "headrace/jpeg/planes.h"

namespace headrace::jpeg {
namespace {

uint32_t noise(uint32_t& state) {
  state = state * 1664525 + 1013904223;
  return state >> 24;
}

// Channel-interleaved: a gradient, a checkered corner, slanted edges and a little noise.
std::vector<uint8_t> paint(const SampleOptions& options, uint32_t channel_count) {
  std::vector<uint8_t> pixels;
  uint32_t state = options.seed;
  for (uint32_t y = 0; y < options.height; ++y) {
    for (uint32_t x = 0; x < options.width; ++x) {
      const uint32_t edge = (x * 3 + y * 2) / 37 % 2 * 90;
      for (uint32_t channel = 0; channel < channel_count; ++channel) {
        const uint32_t slope = x * (channel + 1) / 3 + y * (3 - channel % 3) / 2;
        const uint32_t checks = x < 40 && y < 40 ? (x / 3 + y / 5) % 2 * 60 * (channel + 1) : 0;
        pixels.push_back(static_cast<uint8_t>((slope + edge + checks + noise(state) / 8) & 255));
      }
    }
  }
  return pixels;
}

J_COLOR_SPACE input_space(SampleColor color) {
  if (color == SampleColor::grey) return JCS_GRAYSCALE;
  return color == SampleColor::cmyk || color == SampleColor::ycck ? JCS_CMYK : JCS_RGB;
}

J_COLOR_SPACE file_space(SampleColor color) {
  switch (color) {
    case SampleColor::grey:
      return JCS_GRAYSCALE;
    case SampleColor::ycbcr:
      return JCS_YCbCr;
    case SampleColor::rgb:
      return JCS_RGB;
    case SampleColor::cmyk:
      return JCS_CMYK;
    default:
      return JCS_YCCK;
  }
}

std::vector<jpeg_scan_info> scans_one_by_one(int component_count) {
  std::vector<jpeg_scan_info> scans;
  for (int index = 0; index < component_count; ++index) {
    scans.push_back(
        {.comps_in_scan = 1, .component_index = {index}, .Ss = 0, .Se = 63, .Ah = 0, .Al = 0});
  }
  return scans;
}

void scale_quant_tables(jpeg_compress_struct& info, int scale) {
  for (JQUANT_TBL* table : info.quant_tbl_ptrs) {
    if (table == nullptr) continue;
    for (UINT16& step : table->quantval) step = static_cast<UINT16>(step * scale);
  }
}

void configure(jpeg_compress_struct& info, const SampleOptions& options,
               std::vector<jpeg_scan_info>& scans) {
  jpeg_set_colorspace(&info, file_space(options.color));
  jpeg_set_quality(&info, options.quality, FALSE);
  scale_quant_tables(info, options.quant_scale);
  info.comp_info[0].h_samp_factor = options.horizontal;
  info.comp_info[0].v_samp_factor = options.vertical;
  for (int index = 1; index < info.num_components; ++index) {
    info.comp_info[index].h_samp_factor = 1;
    info.comp_info[index].v_samp_factor = 1;
  }
  info.restart_interval = options.restart_interval_mcus;
  info.optimize_coding = options.optimized ? TRUE : FALSE;
  info.arith_code = options.arithmetic ? TRUE : FALSE;
  if (options.progressive) jpeg_simple_progression(&info);
  if (!options.interleaved) {
    scans = scans_one_by_one(info.num_components);
    info.scan_info = scans.data();
    info.num_scans = static_cast<int>(scans.size());
  }
}

}  // namespace

std::vector<std::byte> make_sample(const SampleOptions& options) {
  jpeg_compress_struct info = {};
  jpeg_error_mgr errors = {};
  info.err = jpeg_std_error(&errors);
  errors.emit_message = [](j_common_ptr, int) {};
  jpeg_create_compress(&info);
  unsigned char* file = nullptr;
  unsigned long file_bytes = 0;
  jpeg_mem_dest(&info, &file, &file_bytes);
  info.image_width = options.width;
  info.image_height = options.height;
  info.in_color_space = input_space(options.color);
  info.input_components = info.in_color_space == JCS_GRAYSCALE ? 1
                          : info.in_color_space == JCS_CMYK    ? 4
                                                               : 3;
  jpeg_set_defaults(&info);
  std::vector<jpeg_scan_info> scans;
  configure(info, options, scans);
  const auto channel_count = static_cast<uint32_t>(info.input_components);
  std::vector<uint8_t> pixels = paint(options, channel_count);
  jpeg_start_compress(&info, TRUE);
  for (uint32_t y = 0; y < options.height; ++y) {
    JSAMPROW row = pixels.data() + size_t{y} * options.width * channel_count;
    jpeg_write_scanlines(&info, &row, 1);
  }
  jpeg_finish_compress(&info);
  jpeg_destroy_compress(&info);
  const auto* begin = reinterpret_cast<const std::byte*>(file);
  std::vector<std::byte> bytes(begin, begin + file_bytes);
  std::free(file);
  return bytes;
}

std::string name_of(const SampleOptions& options) {
  static constexpr const char* k_colors[] = {"grey", "ycbcr", "rgb", "cmyk", "ycck"};
  return fmt::format("{}x{} {} {}x{}{}{}{}{} restart {} quant {}", options.width, options.height,
                     k_colors[static_cast<int>(options.color)], options.horizontal,
                     options.vertical, options.progressive ? " progressive" : "",
                     options.arithmetic ? " arithmetic" : "", options.optimized ? " optimized" : "",
                     options.interleaved ? "" : " one scan each", options.restart_interval_mcus,
                     options.quant_scale);
}

std::vector<SampleOptions> all_samples() {
  constexpr uint32_t k_sizes[][2] = {{1, 1}, {7, 9}, {17, 33}, {64, 48}, {131, 75}, {500, 375}};
  constexpr int k_samplings[][2] = {{1, 1}, {2, 1}, {2, 2}, {1, 2}, {4, 1}, {4, 2}};
  std::vector<SampleOptions> samples;
  for (const auto& [width, height] : k_sizes) {
    for (const auto& [horizontal, vertical] : k_samplings) {
      SampleOptions base{
          .width = width, .height = height, .horizontal = horizontal, .vertical = vertical};
      samples.push_back(base);
      base.restart_interval_mcus = 4;
      base.optimized = true;
      samples.push_back(base);
      base.progressive = true;
      samples.push_back(base);
    }
    const SampleOptions flat{.width = width, .height = height, .horizontal = 1, .vertical = 1};
    for (const SampleColor color :
         {SampleColor::grey, SampleColor::rgb, SampleColor::cmyk, SampleColor::ycck}) {
      samples.push_back(flat);
      samples.back().color = color;
      samples.back().restart_interval_mcus = 3;
    }
    samples.push_back({.width = width, .height = height, .color = SampleColor::grey});
    samples.push_back({.width = width, .height = height, .quant_scale = 9});
    samples.push_back({.width = width, .height = height, .arithmetic = true});
    samples.push_back({.width = width, .height = height, .interleaved = false});
    samples.push_back(
        {.width = width, .height = height, .color = SampleColor::ycck, .progressive = true});
  }
  return samples;
}

namespace {

struct ThrowingErrors {
  jpeg_error_mgr manager;
  std::jmp_buf jump;
};

void give_up(j_common_ptr info) {
  std::longjmp(reinterpret_cast<ThrowingErrors*>(info->err)->jump, 1);
}

void split(const std::vector<uint8_t>& row, int components, uint32_t y, Oracle& oracle) {
  const size_t at = size_t{y} * oracle.width;
  const RgbRow target{oracle.planes[0].data() + at, oracle.planes[1].data() + at,
                      oracle.planes[2].data() + at};
  if (components == 4) return convert_cmyk(row.data(), oracle.width, target);
  for (uint32_t x = 0; x < oracle.width; ++x) {
    const size_t pixel = size_t{x} * static_cast<size_t>(components);
    target.red[x] = row[pixel];
    target.green[x] = row[pixel + (components == 3 ? 1 : 0)];
    target.blue[x] = row[pixel + (components == 3 ? 2 : 0)];
  }
}

// False when the decoder gave up; what it allocated in `oracle` and `row` belongs to the caller.
bool decode_into(jpeg_decompress_struct& info, ThrowingErrors& errors, Oracle& oracle,
                 std::vector<uint8_t>& row, uint32_t scale_denominator) {
  if (setjmp(errors.jump) != 0) return false;
  jpeg_read_header(&info, TRUE);
  info.out_color_space = info.num_components == 1   ? JCS_GRAYSCALE
                         : info.num_components == 4 ? JCS_CMYK
                                                    : JCS_RGB;
  info.scale_num = 1;
  info.scale_denom = scale_denominator;
  jpeg_start_decompress(&info);
  oracle.width = info.output_width;
  oracle.height = info.output_height;
  for (auto& plane : oracle.planes) plane.resize(size_t{oracle.width} * oracle.height);
  row.resize(size_t{oracle.width} * static_cast<size_t>(info.output_components));
  while (info.output_scanline < info.output_height) {
    JSAMPROW target = row.data();
    jpeg_read_scanlines(&info, &target, 1);
    split(row, info.output_components, info.output_scanline - 1, oracle);
  }
  return errors.manager.num_warnings == 0;
}

}  // namespace

Oracle decode_whole(std::span<const std::byte> bytes, uint32_t scale_denominator) {
  jpeg_decompress_struct info = {};
  ThrowingErrors errors = {};
  info.err = jpeg_std_error(&errors.manager);
  errors.manager.error_exit = give_up;
  errors.manager.output_message = [](j_common_ptr) {};
  jpeg_create_decompress(&info);
  jpeg_mem_src(&info, reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size());
  Oracle oracle;
  std::vector<uint8_t> row;
  const bool whole = decode_into(info, errors, oracle, row, scale_denominator);
  jpeg_destroy_decompress(&info);
  return whole ? oracle : Oracle{};
}

std::string difference(const ImageView& view, const Oracle& oracle, uint32_t x, uint32_t y) {
  for (size_t plane = 0; plane < 3; ++plane) {
    const PlaneView& seen = view.planes[plane];
    for (uint32_t row = 0; row < seen.height; ++row) {
      for (uint32_t column = 0; column < seen.width; ++column) {
        const uint8_t got = seen.data[row * seen.stride_bytes + column];
        const uint8_t wanted = oracle.planes[plane][size_t{y + row} * oracle.width + x + column];
        if (got != wanted) {
          return fmt::format("plane {} row {} column {}: {} instead of {}", plane, row, column, got,
                             wanted);
        }
      }
    }
  }
  return "";
}

Box random_box(Draws& draws, uint32_t width, uint32_t height) {
  const uint32_t x = draws.below(width), y = draws.below(height);
  return {x, y, 1 + draws.below(width - x), 1 + draws.below(height - y)};
}

std::vector<std::byte> with_segment(std::span<const std::byte> bytes, uint8_t code,
                                    std::span<const std::byte> payload) {
  std::vector<std::byte> out(bytes.begin(), bytes.begin() + 2);
  const size_t length_bytes = payload.size() + 2;
  out.push_back(std::byte{0xff});
  out.push_back(std::byte{code});
  out.push_back(static_cast<std::byte>(length_bytes >> 8));
  out.push_back(static_cast<std::byte>(length_bytes & 255));
  out.insert(out.end(), payload.begin(), payload.end());
  out.insert(out.end(), bytes.begin() + 2, bytes.end());
  return out;
}

TEST(SamplePictures, are_all_taken_by_the_plain_decoder) {
  for (const SampleOptions& options : all_samples()) {
    const Oracle oracle = decode_whole(make_sample(options));
    EXPECT_EQ(oracle.width, options.width) << name_of(options);
    EXPECT_EQ(oracle.height, options.height) << name_of(options);
  }
}

}  // namespace headrace::jpeg
