// For tests and fuzz targets: a whole scan, every promise of which is held to the bytes.
// Thread safety: a function.
#pragma once

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "headrace/base/check.h"
#include "headrace/base/hash.h"
#include "headrace/formats/shard_format.h"

namespace headrace::formats {

struct ScannedAll {
  std::vector<ScannedSample> samples;
  std::optional<ScanFailure> failure;
};

inline ScannedAll scan_all(const ShardFormat& format, std::span<const std::byte> bytes) {
  ScannedAll scanned;
  const auto scanner = format.scan(memory_source(bytes), {});
  while (true) {
    auto sample = scanner->next();
    if (!sample) scanned.failure = sample.error();
    if (!sample || !*sample) return scanned;
    HR_CHECK(std::ranges::is_sorted((*sample)->fields, std::less_equal(),
                                    [](const auto& field) { return field.first; }));
    for (const auto& [name, extent] : (*sample)->fields) {
      if (extent.length_bytes == k_inline) continue;
      HR_CHECK(extent.offset_bytes <= bytes.size(), "{}", name);
      HR_CHECK(extent.length_bytes <= bytes.size() - extent.offset_bytes, "{}", name);
      const auto content = bytes.subspan(extent.offset_bytes, extent.length_bytes);
      HR_CHECK(extent.checksum == 0 || extent.checksum == xxh3(content), "{}", name);
    }
    scanned.samples.push_back(std::move(**sample));
  }
}

// Written by the format's encoder: a label and an image each.
inline std::string encode_samples(const ShardFormat& format, int count) {
  std::string shard;
  const auto encoder = format.encode([&](std::span<const std::byte> bytes) {
    shard.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  });
  for (int i = 0; i < count; ++i) {
    const std::string label = std::to_string(i - 1), image(static_cast<size_t>(20 * i + 1), 'a');
    const std::array fields{FieldBytes{"cls", std::as_bytes(std::span(label))},
                            FieldBytes{"jpg", std::as_bytes(std::span(image))}};
    encoder->append(fields);
  }
  encoder->finish();
  HR_CHECK(encoder->size_bytes() == shard.size(), "{} {}", encoder->size_bytes(), shard.size());
  return shard;
}

// What encode_samples wrote, as a scan gives it.
inline bool is_encoded_sample(const std::string& shard, const ScannedSample& sample, int i) {
  if (sample.fields.size() != 2 || sample.fields[0].first != "cls") return false;
  const FieldExtent &label = sample.fields[0].second, &image = sample.fields[1].second;
  return label.length_bytes == k_inline && static_cast<int64_t>(label.offset_bytes) == i - 1 &&
         shard.substr(image.offset_bytes, image.length_bytes) ==
             std::string(static_cast<size_t>(20 * i + 1), 'a');
}

}  // namespace headrace::formats
