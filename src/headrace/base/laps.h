// Where a sample's time goes, part by part, for a profile: each mark charges what passed since the
// one before it. Hot paths hold a pointer that is null unless somebody asked for a profile.
// Thread safety: one writer, any reader (relaxed atomics: a reading is a moment old, never torn).
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

#include "headrace/base/clock.h"

namespace headrace {

enum class Part : uint8_t {
  queue,  // waiting for and handing on samples, and whatever no other part names
  checksum,
  header,   // headers and Huffman tables
  unstuff,  // finding restart intervals and copying them plain
  entropy,
  transform,  // inverse cosine transform
  color,      // upsampling and color conversion
  resize,
  write,  // normalizing into the batch
};
inline constexpr size_t k_part_count = 9;
inline constexpr const char* k_part_names[k_part_count] = {
    "queue and other",    "checksum",          "header and tables",    "unstuff",
    "entropy decoding",   "inverse transform", "upsampling and color", "resize",
    "normalize and write"};

class Laps {
 public:
  void mark(Part part, uint64_t now_ns = steady_now_ns()) {
    auto& sum_ns = sums_ns_[static_cast<size_t>(part)];
    sum_ns.store(sum_ns.load(std::memory_order_relaxed) + now_ns - last_ns_,
                 std::memory_order_relaxed);
    last_ns_ = now_ns;
  }
  uint64_t sum_ns(Part part) const {
    return sums_ns_[static_cast<size_t>(part)].load(std::memory_order_relaxed);
  }

 private:
  std::array<std::atomic<uint64_t>, k_part_count> sums_ns_ = {};
  uint64_t last_ns_ = steady_now_ns();
};

inline void mark(Laps* laps, Part part) {
  if (laps != nullptr) [[unlikely]]
    laps->mark(part);
}

}  // namespace headrace
