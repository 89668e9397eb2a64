// The own decoder beside libjpeg-turbo on the photo set (HEADRACE_PHOTOS, else ~/.cache/headrace),
// as it is and recoded with restart intervals; microseconds a picture. Run it with
// --benchmark_enable_random_interleaving=true --benchmark_repetitions=7.
#include <benchmark/benchmark.h>
#include <jpeglib.h>

#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <vector>

#include "headrace/base/files.h"
#include "headrace/base/random.h"
#include "headrace/jpeg/baseline_decoder.h"
#include "headrace/jpeg/recode.h"
#include "headrace/jpeg/region_decoder.h"
#include "headrace/jpeg/unstuff.h"

namespace headrace::jpeg {
namespace {

struct Picture {
  std::vector<std::byte> bytes;
  Header header;
  Box whole, crop;
};
enum class Kind { as_it_is, recoded };

// torchvision's RandomResizedCrop: area from 8 % to all, sides from 3:4 to 4:3.
Box random_crop(Draws& draws, uint32_t width, uint32_t height) {
  for (int turn = 0; turn < 10; ++turn) {
    const double area = draws.uniform(0.08, 1.0) * width * height;
    const double ratio = std::exp(draws.uniform(std::log(3.0 / 4), std::log(4.0 / 3)));
    const auto w = static_cast<uint32_t>(std::lround(std::sqrt(area * ratio)));
    const auto h = static_cast<uint32_t>(std::lround(std::sqrt(area / ratio)));
    if (w == 0 || h == 0 || w > width || h > height) continue;
    return {draws.below(width - w + 1), draws.below(height - h + 1), w, h};
  }
  return {0, 0, width, height};
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

std::vector<Picture> load(Kind kind) {
  std::vector<Picture> pictures;
  const auto paths = photo_paths();
  Draws draws({.seed = 1});
  for (size_t index = 0; index < paths.size(); index += 25) {
    Picture picture{.bytes = read_file(real_files(), paths[index], 1u << 26)};
    if (kind == Kind::recoded) picture.bytes = recode(picture.bytes).value();
    picture.header = parse_header(picture.bytes).value();
    picture.whole = {0, 0, picture.header.width, picture.header.height};
    picture.crop = random_crop(draws, picture.header.width, picture.header.height);
    pictures.push_back(std::move(picture));
  }
  return pictures;
}

const std::vector<Picture>& pictures_of(Kind kind) {
  static const std::vector<Picture> as_they_are = load(Kind::as_it_is);
  static const std::vector<Picture> recoded = load(Kind::recoded);
  return kind == Kind::as_it_is ? as_they_are : recoded;
}

template <typename Work>
void measure(benchmark::State& state, Kind kind, Work work) {
  const auto& pictures = pictures_of(kind);
  if (pictures.empty()) return state.SkipWithError("no photo set");
  for (auto _ : state) {
    for (const Picture& picture : pictures) work(picture);
  }
  state.counters["s_a_picture"] = benchmark::Counter(
      static_cast<double>(pictures.size()),
      benchmark::Counter::kIsIterationInvariantRate | benchmark::Counter::kInvert);
}

void read_whole(const Picture& picture, bool is_coefficients) {
  static std::vector<uint8_t> pixels;
  jpeg_decompress_struct info{};
  jpeg_error_mgr errors{};
  info.err = jpeg_std_error(&errors);
  jpeg_create_decompress(&info);
  jpeg_mem_src(&info, reinterpret_cast<const unsigned char*>(picture.bytes.data()),
               picture.bytes.size());
  jpeg_read_header(&info, TRUE);
  if (is_coefficients) {
    benchmark::DoNotOptimize(jpeg_read_coefficients(&info));
  } else {
    info.out_color_space = JCS_RGB;
    jpeg_start_decompress(&info);
    const size_t stride_bytes = size_t{info.output_width} * 3;
    pixels.resize(stride_bytes * info.output_height);
    while (info.output_scanline < info.output_height) {
      JSAMPROW row = pixels.data() + stride_bytes * info.output_scanline;
      jpeg_read_scanlines(&info, &row, 1);
    }
  }
  jpeg_finish_decompress(&info);
  jpeg_destroy_decompress(&info);
}

void turbo_coefficients(benchmark::State& state, Kind kind) {
  measure(state, kind, [](const Picture& picture) { read_whole(picture, true); });
}
void turbo_whole(benchmark::State& state, Kind kind) {
  measure(state, kind, [](const Picture& picture) { read_whole(picture, false); });
}
void own_whole(benchmark::State& state, Kind kind) {
  BaselineDecoder decoder;
  measure(state, kind, [&](const Picture& picture) {
    if (!decoder.decode(picture.bytes, picture.header, picture.whole)) std::abort();
  });
}
void own_crop(benchmark::State& state, Kind kind) {
  BaselineDecoder decoder;
  measure(state, kind, [&](const Picture& picture) {
    if (!decoder.decode(picture.bytes, picture.header, picture.crop)) std::abort();
  });
}
void own_crop_planes(benchmark::State& state, Kind kind) {
  BaselineDecoder decoder;
  measure(state, kind, [&](const Picture& picture) {
    if (!decoder.decode_planes(picture.bytes, picture.header, picture.crop)) std::abort();
  });
}

// The stages of a whole picture, each alone.
void stage_find_marker(benchmark::State& state, Kind kind) {
  measure(state, kind, [](const Picture& picture) {
    size_t offset = picture.header.scan.offset_bytes;
    while (const auto marker = find_marker(picture.bytes, offset)) offset = *marker + 2;
    benchmark::DoNotOptimize(offset);
  });
}
void stage_unstuff(benchmark::State& state, Kind kind) {
  std::vector<uint8_t> plain;
  measure(state, kind, [&](const Picture& picture) {
    const auto coded = std::span(picture.bytes).subspan(picture.header.scan.offset_bytes);
    plain.resize(std::max(plain.size(), coded.size() + k_unstuff_slack_bytes));
    benchmark::DoNotOptimize(unstuff(coded, plain.data()));
  });
}
void stage_tables(benchmark::State& state, Kind kind) {
  const auto cache = std::make_unique<TableCache>();
  measure(state, kind, [&](const Picture& picture) {
    if (!cache->load(picture.bytes, picture.header)) std::abort();
  });
}
// All but upsampling and color, of the whole picture.
void stage_to_planes(benchmark::State& state, Kind kind) {
  BaselineDecoder decoder;
  measure(state, kind, [&](const Picture& picture) {
    if (!decoder.decode_planes(picture.bytes, picture.header, picture.whole)) std::abort();
  });
}
// Entropy decoding alone, reading over the coefficients or storing them.
void stage_entropy(benchmark::State& state, Kind kind, bool is_stored) {
  const auto cache = std::make_unique<TableCache>();
  std::vector<uint8_t> plain;
  std::vector<int16_t> blocks(6 * 32 * k_block_size);
  std::vector<uint8_t> used(6 * 32);
  measure(state, kind, [&](const Picture& picture) {
    const Header& header = picture.header;
    if (!cache->load(picture.bytes, header)) std::abort();
    McuLayout layout;
    for (uint32_t index = 0; index < header.component_count; ++index) {
      const Component& component = header.components[index];
      for (int block = 0; block < component.horizontal * component.vertical; ++block) {
        layout.blocks[layout.block_count] = {&cache->dc(component.dc_index),
                                             &cache->ac(component.ac_index),
                                             index,
                                             1,
                                             blocks.data() + layout.block_count * 32 * k_block_size,
                                             used.data() + layout.block_count * 32};
        ++layout.block_count;
      }
    }
    const auto coded = std::span(picture.bytes).subspan(header.scan.offset_bytes);
    plain.resize(
        std::max(plain.size(), coded.size() + k_unstuff_slack_bytes + k_entropy_slack_bytes));
    EntropyState entropy;
    entropy.reader.next = plain.data();
    entropy.limit = plain.data() + unstuff(coded, plain.data());
    for (uint64_t left = uint64_t{header.mcus_in_row()} * header.mcu_rows(); left > 0;) {
      const uint64_t run = std::min<uint64_t>(left, 16);
      if (!(is_stored ? decode_mcus : skip_mcus)(entropy, layout, run)) std::abort();
      left -= run;
    }
  });
}

BENCHMARK_CAPTURE(turbo_coefficients, as_it_is, Kind::as_it_is);
BENCHMARK_CAPTURE(turbo_whole, as_it_is, Kind::as_it_is);
BENCHMARK_CAPTURE(own_whole, as_it_is, Kind::as_it_is);
BENCHMARK_CAPTURE(own_crop, as_it_is, Kind::as_it_is);
BENCHMARK_CAPTURE(turbo_coefficients, recoded, Kind::recoded);
BENCHMARK_CAPTURE(turbo_whole, recoded, Kind::recoded);
BENCHMARK_CAPTURE(own_whole, recoded, Kind::recoded);
BENCHMARK_CAPTURE(own_crop, recoded, Kind::recoded);
BENCHMARK_CAPTURE(own_crop_planes, recoded, Kind::recoded);
BENCHMARK_CAPTURE(stage_find_marker, recoded, Kind::recoded);
BENCHMARK_CAPTURE(stage_unstuff, as_it_is, Kind::as_it_is);
BENCHMARK_CAPTURE(stage_tables, recoded, Kind::recoded);
BENCHMARK_CAPTURE(stage_to_planes, recoded, Kind::recoded);
BENCHMARK_CAPTURE(stage_entropy, stored, Kind::as_it_is, true);
BENCHMARK_CAPTURE(stage_entropy, skipped, Kind::as_it_is, false);

}  // namespace
}  // namespace headrace::jpeg
