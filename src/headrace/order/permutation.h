// A keyed permutation of 0 .. count-1 that is computed, never stored: the global shuffle in O(1)
// memory. Thread safety: an immutable value. Invariants: (1) at() is an exact bijection for every
// count from 1 to 2^63; (2) position_of() is its inverse; (3) the same (count, key) gives the same
// permutation on every machine.
#pragma once

#include <array>
#include <cstdint>

namespace headrace::order {

inline constexpr uint64_t k_count_max = uint64_t{1} << 63;

// An alternating Feistel network over the smallest 2^k >= count, its halves of k/2 and k - k/2
// bits. Images outside 0 .. count-1 are sent through again (cycle walking; fewer than two passes a
// look-up on average).
class Permutation {
 public:
  Permutation(uint64_t count, uint64_t key);  // 1 <= count <= k_count_max
  uint64_t count() const { return count_; }
  uint64_t at(uint64_t position) const;        // position < count()
  uint64_t position_of(uint64_t image) const;  // image < count()

 private:
  static constexpr unsigned k_round_count_max = 32;
  uint64_t pass(uint64_t value) const;
  uint64_t pass_back(uint64_t value) const;

  uint64_t count_;
  unsigned low_bits_;
  unsigned round_count_;  // even; more for small counts, whose halves have few bits to mix
  uint64_t low_mask_, high_mask_;
  std::array<uint64_t, k_round_count_max> round_keys_;
};

}  // namespace headrace::order
