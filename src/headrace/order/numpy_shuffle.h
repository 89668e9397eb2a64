// NumPy's legacy generator and its shuffle, bit for bit: what Megatron's data sets are ordered by.
// Source: numpy/random `RandomState(seed)` (MT19937 seeded by init_genrand, Matsumoto and Nishimura
// 1998) and its `shuffle`: Fisher-Yates from the end, each place drawn by masked rejection.
// Thread safety: one owner. Invariants: (1) the stream goes on from call to call, so the order of
// calls matters as it does in NumPy; (2) no memory beyond the generator's state.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <limits>
#include <span>
#include <utility>

#include "headrace/base/check.h"

namespace headrace::order {

class NumpyRandom {
 public:
  explicit NumpyRandom(uint32_t seed);

  uint32_t next_u32() {
    if (used_ == k_words) refill();
    return drawn_[used_++];
  }
  // At most 2^32 items.
  template <typename T>
  void shuffle(std::span<T> items);

 private:
  static constexpr uint32_t k_words = 624;
  void refill();
  // A place for `last`, one for the item before it, ...: each at most its own number. All these
  // numbers have as many bits.
  void draw_places(uint32_t last, std::span<uint32_t> places);

  std::array<uint32_t, k_words> words_;
  std::array<uint32_t, k_words> drawn_;  // what the words are drawn as
  uint32_t used_ = k_words;
};

// The draws do not depend on the items, so they are made a little ahead and their places fetched:
// large arrays wait for memory otherwise (24 to 7 ns an item on 2^26 items of 4 bytes).
template <typename T>
void NumpyRandom::shuffle(std::span<T> items) {
  constexpr uint32_t k_ahead = 256;
  if (items.empty()) return;
  HR_CHECK(items.size() - 1 <= std::numeric_limits<uint32_t>::max(), "{} items", items.size());
  std::array<uint32_t, k_ahead> ahead;
  auto last = static_cast<uint32_t>(items.size() - 1);
  while (last > 0) {
    const uint32_t fewer_bits = ~uint32_t{0} >> std::countl_zero(last) >> 1;
    const auto places = std::span(ahead).first(std::min(k_ahead, last - fewer_bits));
    draw_places(last, places);
    for (const uint32_t place : places) __builtin_prefetch(&items[place], 1);
    for (const uint32_t place : places) std::swap(items[last--], items[place]);
  }
}

}  // namespace headrace::order
