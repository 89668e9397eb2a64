// xxh3: the checksum of shards, indexes and fields, and the mixer of seeds.
// https://github.com/Cyan4973/xxHash
#pragma once

#include <xxhash.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

namespace headrace {

inline uint64_t xxh3(std::span<const std::byte> bytes) {
  return XXH3_64bits(bytes.data(), bytes.size());
}
inline uint64_t xxh3(std::string_view text) { return XXH3_64bits(text.data(), text.size()); }

// Hashes a stream piece by piece. The digest of no bytes equals xxh3 of an empty span.
class Xxh3Stream {
 public:
  Xxh3Stream() : state_(XXH3_createState()) { XXH3_64bits_reset(state_.get()); }
  void update(std::span<const std::byte> bytes) {
    XXH3_64bits_update(state_.get(), bytes.data(), bytes.size());
  }
  uint64_t digest() const { return XXH3_64bits_digest(state_.get()); }

 private:
  struct Free {
    void operator()(XXH3_state_t* state) const { XXH3_freeState(state); }
  };
  std::unique_ptr<XXH3_state_t, Free> state_;
};

// A bijection of 64 bits (the finalizer of SplitMix64): seeds that differ in one bit end up
// unrelated.
constexpr uint64_t mix64(uint64_t value) {
  value += 0x9e3779b97f4a7c15;
  value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9;
  value = (value ^ (value >> 27)) * 0x94d049bb133111eb;
  return value ^ (value >> 31);
}
// Hashes two words in order, so that (a, b) and (b, a), or (a + 1, b) and (a, b + 1), are
// unrelated.
constexpr uint64_t mix64(uint64_t first, uint64_t second) {
  return mix64(mix64(first) ^ (second * 0x9fb21c651e98df25 + 0x2545f4914f6cdd1d));
}

}  // namespace headrace
