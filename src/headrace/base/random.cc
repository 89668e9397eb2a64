// Philox4x32-10 and the stream of draws over it.
#include "headrace/base/random.h"

#include "headrace/base/hash.h"

namespace headrace {
namespace {

void philox_round(PhiloxBlock& counter, const std::array<uint32_t, 2>& key) {
  const uint64_t product0 = uint64_t{0xD2511F53} * counter[0];
  const uint64_t product1 = uint64_t{0xCD9E8D57} * counter[2];
  counter = {
      static_cast<uint32_t>(product1 >> 32) ^ counter[1] ^ key[0], static_cast<uint32_t>(product1),
      static_cast<uint32_t>(product0 >> 32) ^ counter[3] ^ key[1], static_cast<uint32_t>(product0)};
}

}  // namespace

PhiloxBlock philox4x32(PhiloxBlock counter, std::array<uint32_t, 2> key) {
  for (int round = 0; round < 10; ++round) {
    philox_round(counter, key);
    key[0] += 0x9E3779B9;
    key[1] += 0xBB67AE85;
  }
  return counter;
}

// Counter word 0 counts blocks; word 1 is the operator; words 2 and 3 are the sample. Seed and
// epoch are hashed into the key, so epoch 1 of seed 7 has nothing to do with epoch 0 of seed 8.
Draws::Draws(const DrawKey& key) {
  const uint64_t mixed = mix64(key.seed, key.epoch);
  key_ = {static_cast<uint32_t>(mixed), static_cast<uint32_t>(mixed >> 32)};
  counter_ = {0, key.operator_index, static_cast<uint32_t>(key.sample_id),
              static_cast<uint32_t>(key.sample_id >> 32)};
}

uint32_t Draws::next_u32() {
  if (used_ == block_.size()) {
    block_ = philox4x32(counter_, key_);
    ++counter_[0];
    used_ = 0;
  }
  return block_[used_++];
}

double Draws::uniform() {
  const uint64_t high = next_u32();
  const uint64_t bits = (high << 32 | next_u32()) >> 11;
  return static_cast<double>(bits) * 0x1p-53;
}

double Draws::uniform(double low, double high) { return low + (high - low) * uniform(); }

// Lemire's multiply-and-reject ("Fast random integer generation in an interval", 2019).
uint32_t Draws::below(uint32_t bound) {
  uint64_t product = uint64_t{next_u32()} * bound;
  if (static_cast<uint32_t>(product) < bound) {
    const uint32_t threshold = (0u - bound) % bound;
    while (static_cast<uint32_t>(product) < threshold) product = uint64_t{next_u32()} * bound;
  }
  return static_cast<uint32_t>(product >> 32);
}

}  // namespace headrace
