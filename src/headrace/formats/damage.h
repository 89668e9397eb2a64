// For tests: each bit of a small file flipped, and the file cut at each byte.
// Thread safety: functions.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "headrace/base/temp_folder.h"
#include "headrace/formats/scan_all.h"

namespace headrace::formats {

// What a loader would read, or nothing where it would be told of damage.
using ReadContent = std::function<std::optional<std::string>(std::span<const std::byte>)>;

inline std::string content_of(const ScannedAll& scanned, std::span<const std::byte> bytes) {
  std::string content;
  for (const ScannedSample& sample : scanned.samples) {
    content += "sample\n";
    for (const auto& [name, extent] : sample.fields) {
      if (extent.length_bytes == k_inline) {
        content += name + "=" + std::to_string(static_cast<int64_t>(extent.offset_bytes)) + "\n";
        continue;
      }
      const auto value = bytes.subspan(extent.offset_bytes, extent.length_bytes);
      content +=
          name + ":" + std::string(reinterpret_cast<const char*>(value.data()), value.size());
    }
  }
  return content;
}

inline std::optional<std::string> content_of(RecordReader& reader) {
  std::string content;
  while (true) {
    const auto fields = reader.next();
    if (!fields) return std::nullopt;
    if (!*fields) return content;
    HR_CHECK(std::ranges::is_sorted(**fields, std::less_equal(), &FieldBytes::name));
    content += "sample\n";
    for (const FieldBytes& field : **fields) {
      content += std::string(field.name) + ":" +
                 std::string(reinterpret_cast<const char*>(field.bytes.data()), field.bytes.size());
    }
  }
}

// As data sets read it: unpacked where it has to be, else scanned.
inline std::optional<std::string> content_of(const ShardFormat& format,
                                             std::span<const std::byte> bytes) {
  const auto reader = format.unpack ? format.unpack(memory_source(bytes)) : nullptr;
  if (reader) return content_of(*reader);
  if (format.scan == nullptr) return std::nullopt;
  const ScannedAll scanned = scan_all(format, bytes);
  if (scanned.failure) return std::nullopt;
  return content_of(scanned, bytes);
}

struct Flips {
  size_t noticed_count = 0;            // the reader was told
  size_t silent_count = 0;             // it read something else
  std::vector<size_t> silent_at = {};  // at which bytes
};
// Each byte by each of `masks`, one at a time.
inline Flips flip_each_byte(const std::string& whole, std::initializer_list<int> masks,
                            const ReadContent& read) {
  const auto wanted = read(bytes_of(whole));
  EXPECT_TRUE(wanted);
  Flips flips;
  for (size_t at = 0; at < whole.size(); ++at) {
    for (const int mask : masks) {
      std::string flipped = whole;
      flipped[at] = static_cast<char>(flipped[at] ^ mask);
      const auto got = read(bytes_of(flipped));
      flips.noticed_count += got ? 0 : 1;
      if (!got || *got == *wanted) continue;
      ++flips.silent_count;
      if (flips.silent_at.empty() || flips.silent_at.back() != at) flips.silent_at.push_back(at);
    }
  }
  return flips;
}

inline Flips flip_each_bit(const std::string& whole, const ReadContent& read) {
  return flip_each_byte(whole, {1, 2, 4, 8, 16, 32, 64, 128}, read);
}

// How many of all cuts were read as if nothing were missing.
inline size_t unnoticed_cuts(const std::string& whole, const ReadContent& read) {
  size_t unnoticed = 0;
  for (size_t size = 0; size < whole.size(); ++size) {
    const auto got = read(bytes_of(whole).first(size));
    unnoticed += got ? 1 : 0;
  }
  return unnoticed;
}

}  // namespace headrace::formats
