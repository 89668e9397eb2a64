// NumPy's legacy generator and its shuffle, bit for bit: what Megatron's data sets are ordered by.
// Source: numpy/random `RandomState(seed)` (MT19937 seeded by init_genrand, Matsumoto and Nishimura
// 1998) and its `shuffle`: Fisher-Yates from the end, each place drawn by masked rejection.
// Thread safety: one owner. Invariants: (1) the stream goes on from call to call, so the order of
// calls matters as it does in NumPy; (2) no memory beyond the generator's state.
#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <span>
#include <utility>

namespace headrace::order {

class NumpyRandom {
 public:
  explicit NumpyRandom(uint32_t seed);

  uint32_t next_u32() {
    if (used_ == k_words) refill();
    return temper(words_[used_++]);
  }
  // [0, most], as RandomState's shuffle draws it.
  uint64_t at_most(uint64_t most) {
    const uint64_t mask = most == 0 ? 0 : ~uint64_t{0} >> std::countl_zero(most);
    uint64_t draw = 0;
    do {
      draw = (most <= 0xffffffff ? next_u32() : next_u64()) & mask;
    } while (draw > most);
    return draw;
  }
  template <typename T>
  void shuffle(std::span<T> items);

 private:
  static constexpr uint32_t k_words = 624;
  static uint32_t temper(uint32_t word) {
    word ^= word >> 11;
    word ^= (word << 7) & 0x9d2c5680U;
    word ^= (word << 15) & 0xefc60000U;
    return word ^ (word >> 18);
  }
  uint64_t next_u64() {
    const uint64_t high = next_u32();
    return high << 32 | next_u32();
  }
  void refill();

  std::array<uint32_t, k_words> words_;
  uint32_t used_ = k_words;
};

// The draws do not depend on the items, so they are made a little ahead and their places fetched:
// large arrays wait for memory otherwise (24 to 7 ns an item on 2^26 items of 4 bytes).
template <typename T>
void NumpyRandom::shuffle(std::span<T> items) {
  constexpr size_t k_ahead = 64;
  std::array<uint64_t, k_ahead> places;
  size_t last = items.empty() ? 0 : items.size() - 1;
  while (last > 0) {
    const size_t count = std::min(k_ahead, last);
    for (size_t i = 0; i < count; ++i) {
      places[i] = at_most(last - i);
      __builtin_prefetch(&items[places[i]], 1);
    }
    for (size_t i = 0; i < count; ++i) std::swap(items[last - i], items[places[i]]);
    last -= count;
  }
}

}  // namespace headrace::order
