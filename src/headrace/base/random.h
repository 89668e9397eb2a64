// Counter-based random numbers: Philox4x32-10 (Salmon et al., "Parallel random numbers: as easy as
// 1, 2, 3", SC 2011). A draw depends on its key and counter alone, never on the thread or on the
// draws before it. Thread safety: a value; one Draws per sample and operator.
#pragma once

#include <array>
#include <cstdint>

namespace headrace {

using PhiloxBlock = std::array<uint32_t, 4>;
PhiloxBlock philox4x32(PhiloxBlock counter, std::array<uint32_t, 2> key);

// What an augmentation draw depends on.
struct DrawKey {
  uint64_t seed = 0;
  uint64_t epoch = 0;
  uint64_t sample_id = 0;
  uint32_t operator_index = 0;
};

// The stream of draws that belongs to one operator on one sample in one epoch.
class Draws {
 public:
  explicit Draws(const DrawKey& key);
  uint32_t next_u32();
  double uniform();                         // [0, 1), 53 bits
  double uniform(double low, double high);  // [low, high)
  uint32_t below(uint32_t bound);           // [0, bound), unbiased; bound >= 1

 private:
  std::array<uint32_t, 2> key_;
  PhiloxBlock counter_;
  PhiloxBlock block_{};
  uint32_t used_ = 4;
};

}  // namespace headrace
