// Pictures are gradients with noise, so that a PNG of one is as large as one of a photograph's
// tile.
#include "small_sets.h"

#include <fmt/format.h>
#include <png.h>

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <thread>
#include <vector>

#include "headrace/base/check.h"
#include "headrace/base/hash.h"
#include "headrace/formats/dataset.h"
#include "headrace/formats/manifest.h"
#include "headrace/pack/tar_shard_writer.h"

namespace headrace::bench {
namespace {

constexpr uint64_t k_samples_a_shard = 50'000;
constexpr uint32_t k_side = 32;
constexpr unsigned k_writers = 2;

void fill_picture(uint64_t id, std::vector<uint8_t>& rgb) {
  const uint64_t look = mix64(id);
  uint64_t noise = look;
  for (uint32_t i = 0; i < rgb.size(); ++i) {
    const uint32_t x = i / 3 % k_side, y = i / 3 / k_side;
    if (i % 16 == 0) noise = mix64(noise);
    const uint64_t slope_x = look >> 8 & 3, slope_y = look >> 10 & 3;
    rgb[i] = static_cast<uint8_t>((look >> 16 & 63) + x * slope_x + y * slope_y +
                                  (noise >> (4 * (i % 16)) & 7));
  }
}

std::vector<std::byte> png_of(const std::vector<uint8_t>& rgb) {
  png_image image = {};
  image.version = PNG_IMAGE_VERSION;
  image.width = image.height = k_side;
  image.format = PNG_FORMAT_RGB;
  std::vector<std::byte> file(2 * rgb.size() + 1024);
  png_alloc_size_t size = file.size();
  HR_CHECK(png_image_write_to_memory(&image, file.data(), &size, 0, rgb.data(), 0, nullptr));
  file.resize(size);
  return file;
}

std::vector<std::byte> text_of(uint64_t id) {
  std::vector<std::byte> text(3000 + mix64(id) % 1001);
  uint64_t letters = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    if (i % 12 == 0) letters = mix64(id, i);
    text[i] = static_cast<std::byte>(i % 7 == 6 ? ' ' : 'a' + letters % 26);
    letters /= 26;
  }
  return text;
}

std::vector<std::byte> content(SmallKind kind, uint64_t id, std::vector<uint8_t>& rgb) {
  if (kind == SmallKind::text) return text_of(id);
  fill_picture(id, rgb);
  if (kind == SmallKind::png) return png_of(rgb);
  const auto bytes = std::as_bytes(std::span(rgb));
  return {bytes.begin(), bytes.end()};
}

const char* extension_of(SmallKind kind) {
  constexpr const char* k_extensions[] = {"bin", "png", "txt"};
  return k_extensions[static_cast<int>(kind)];
}

formats::ManifestShard write_shard(SmallKind kind, const std::string& folder, uint64_t first_id,
                                   uint64_t end_id) {
  const std::string name = fmt::format("small-{:06}.tar", first_id / k_samples_a_shard);
  pack::TarShardWriter writer(real_files(), folder + "/" + name);
  std::vector<uint8_t> rgb(k_raw_bytes);
  for (uint64_t id = first_id; id < end_id; ++id) {
    const std::string label = fmt::to_string(id % 100);
    const auto label_bytes = std::as_bytes(std::span(label));
    writer.add(fmt::format("{:09}", id),
               {{.name = "cls", .bytes = {label_bytes.begin(), label_bytes.end()}},
                {.name = extension_of(kind), .bytes = content(kind, id, rgb)}});
  }
  const pack::WrittenShard written = writer.finish(1);
  return {.name = name,
          .index_name = name + formats::k_index_suffix,
          .sample_count = written.sample_count,
          .size_bytes = written.size_bytes,
          .checksum = written.checksum};
}

}  // namespace

const char* name_of(SmallKind kind) {
  constexpr const char* k_names[] = {"raw", "png", "text"};
  return k_names[static_cast<int>(kind)];
}

std::string prepare_small_set(SmallKind kind, uint64_t sample_count) {
  const std::string folder = fmt::format("{}/bench-small-{}-{}", formats::default_cache_folder(),
                                         name_of(kind), sample_count);
  if (real_files().stat(folder + "/" + formats::k_manifest_name)) return folder;
  fmt::print(stderr, "writing {} (kept for next time)\n", folder);
  make_folders(real_files(), folder);
  const uint64_t shard_count = (sample_count + k_samples_a_shard - 1) / k_samples_a_shard;
  formats::Manifest manifest{.field_names = {"cls", extension_of(kind)},
                             .sample_count = sample_count,
                             .made_by = "bench_small"};
  manifest.shards.resize(shard_count);
  std::ranges::sort(manifest.field_names);
  std::atomic<uint64_t> next{0};
  {
    std::vector<std::jthread> writers;
    for (unsigned i = 0; i < k_writers; ++i) {
      writers.emplace_back([&] {
        for (uint64_t shard = next++; shard < shard_count; shard = next++) {
          const uint64_t first_id = shard * k_samples_a_shard;
          manifest.shards[shard] = write_shard(
              kind, folder, first_id, std::min(sample_count, first_id + k_samples_a_shard));
        }
      });
    }
  }
  for (const auto& shard : manifest.shards) manifest.size_bytes += shard.size_bytes;
  formats::write_manifest(real_files(), folder, manifest);
  return folder;
}

}  // namespace headrace::bench
