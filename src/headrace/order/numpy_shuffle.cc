// The generator's state: seeding and the twist.
#include "headrace/order/numpy_shuffle.h"

namespace headrace::order {
namespace {

constexpr uint32_t k_middle = 397;

uint32_t twisted(uint32_t word, uint32_t next, uint32_t far) {
  const uint32_t mixed = (word & 0x80000000U) | (next & 0x7fffffffU);
  return far ^ (mixed >> 1) ^ ((mixed & 1) != 0 ? 0x9908b0dfU : 0);
}

}  // namespace

NumpyRandom::NumpyRandom(uint32_t seed) {
  words_[0] = seed;
  for (uint32_t i = 1; i < k_words; ++i) {
    words_[i] = 1812433253U * (words_[i - 1] ^ (words_[i - 1] >> 30)) + i;
  }
}

void NumpyRandom::refill() {
  uint32_t i = 0;
  for (; i < k_words - k_middle; ++i) {
    words_[i] = twisted(words_[i], words_[i + 1], words_[i + k_middle]);
  }
  for (; i < k_words - 1; ++i) {
    words_[i] = twisted(words_[i], words_[i + 1], words_[i + k_middle - k_words]);
  }
  words_[i] = twisted(words_[i], words_[0], words_[k_middle - 1]);
  used_ = 0;
}

}  // namespace headrace::order
