// Short words that were seen lately, with their tokens: most words of a text come again, and
// finding one here is one look at one cache line. Thread safety: one thread. Invariants: 1. its
// size is fixed; 2. what it answers was put there for exactly these bytes.
#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <memory>
#include <span>
#include <string_view>

namespace headrace::text {

class WordCache {
 public:
  static constexpr size_t k_word_bytes_max = 24;
  static constexpr size_t k_id_count_max = 8;
  static constexpr size_t k_set_count = size_t{1} << 15;  // of two words: 4 MiB

  struct Key {
    std::array<uint64_t, 3> words = {};
    uint32_t size_bytes = 0;  // 0: no key
    bool operator==(const Key&) const = default;
  };
  // `readable_bytes` from the word's first byte on may be read.
  static Key key_of(std::string_view word, size_t readable_bytes) {
    Key key{.size_bytes = static_cast<uint32_t>(word.size())};
    if (readable_bytes >= k_word_bytes_max) {
      std::memcpy(key.words.data(), word.data(), k_word_bytes_max);
      for (size_t i = 0; i < key.words.size(); ++i) key.words[i] &= mask_of(word.size(), i);
    } else {
      std::memcpy(key.words.data(), word.data(), word.size());
    }
    return key;
  }

  // The tokens of a word; none if it is not here (no word has none).
  std::span<const uint32_t> find(const Key& key) {
    Entry* const set = set_of(key);
    if (set[0].key == key) return {set[0].ids.data(), set[0].id_count};
    if (set[1].key == key) return {set[1].ids.data(), set[1].id_count};
    return {};
  }
  // At most k_id_count_max ids. The set's older word goes.
  void put(const Key& key, std::span<const uint32_t> ids) {
    Entry* const set = set_of(key);
    set[1] = set[0];
    set[0].key = key;
    set[0].id_count = static_cast<uint32_t>(ids.size());
    std::memcpy(set[0].ids.data(), ids.data(), ids.size_bytes());
  }

 private:
  struct alignas(64) Entry {
    Key key = {};
    uint32_t id_count = 0;
    std::array<uint32_t, k_id_count_max> ids = {};
  };

  static uint64_t mask_of(size_t size_bytes, size_t word) {
    const size_t kept = size_bytes > 8 * word ? size_bytes - 8 * word : 0;
    return kept >= 8 ? ~uint64_t{0} : (uint64_t{1} << 8 * kept) - 1;
  }
  Entry* set_of(const Key& key) {
    uint64_t hash = (key.words[0] ^ key.size_bytes) * 0x9E3779B97F4A7C15;
    hash = (hash ^ hash >> 32 ^ key.words[1]) * 0xC2B2AE3D27D4EB4F;
    hash = (hash ^ hash >> 32 ^ key.words[2]) * 0x9E3779B97F4A7C15;
    return &entries_[2 * (hash >> 40 & (k_set_count - 1))];
  }

  std::unique_ptr<Entry[]> entries_ = std::make_unique<Entry[]>(2 * k_set_count);
};

}  // namespace headrace::text
