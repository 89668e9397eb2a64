// The tokens of a byte-level BPE model as bytes, and its merges, each in one flat hash table.
// Thread safety: const once built. Invariants: 1. ids are below k_id_count_max and each has one
// text; 2. a merge's two parts and its result are tokens; 3. look-ups neither allocate nor throw.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace headrace::text {

class Vocabulary {
 public:
  static constexpr uint32_t k_id_count_max = 1 << 24;
  static constexpr uint32_t k_no_id = ~uint32_t{0};

  struct Token {
    std::string bytes;
    uint32_t id = 0;
  };
  // Why it cannot be: the text is whole.
  static std::expected<Vocabulary, std::string> make(const std::vector<Token>& tokens);
  // Of rank merges so far; a pair that comes again takes the later rank.
  std::expected<void, std::string> add_merge(std::string_view first, std::string_view second);
  // Room for so many merges; before the first of them.
  void reserve_merges(size_t count);

  struct Merge {
    uint32_t rank = k_no_id;  // k_no_id: the two do not merge
    uint32_t id = 0;
  };
  Merge merge_of(uint32_t first, uint32_t second) const;
  std::optional<uint32_t> id_of(std::string_view bytes) const;
  uint32_t id_of_byte(uint8_t byte) const { return byte_ids_[byte]; }  // k_no_id: no token
  std::string_view bytes_of(uint32_t id) const;                        // "" where there is none
  uint32_t id_end() const { return static_cast<uint32_t>(ends_.size()); }

 private:
  struct MergeSlot {
    uint64_t pair = ~uint64_t{0};
    Merge merge = {};
  };
  std::string_view text_of(uint32_t id) const;
  size_t slot_of(uint64_t pair) const;

  std::string pool_;
  std::vector<uint32_t> begins_, ends_;  // of each id's bytes in the pool
  std::vector<uint32_t> ids_;            // by hash; a power of two
  std::vector<MergeSlot> merges_;        // likewise
  uint32_t merge_count_ = 0;
  uint32_t byte_ids_[256] = {};
};

}  // namespace headrace::text
