// Strings of bytes and their numbers, walked byte by byte: a double array, one look a step.
// Thread safety: const once built. Invariant: a step leads to a node of the trie or to none.
#pragma once

#include <cstdint>
#include <limits>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

namespace headrace::text {

class PieceTrie {
 public:
  static constexpr uint32_t k_none = std::numeric_limits<uint32_t>::max();
  using Entry = std::pair<std::string_view, uint32_t>;

  PieceTrie() = default;
  explicit PieceTrie(std::vector<Entry> entries);  // not empty, each once

  bool empty() const { return units_.empty(); }
  static constexpr uint32_t root() { return 0; }
  // HR_CHECK-free: only of a trie that is not empty.
  uint32_t step(uint32_t node, char byte) const {
    const size_t next = size_t{units_[node].base} + static_cast<uint8_t>(byte);
    return next < units_.size() && units_[next].parent == node ? static_cast<uint32_t>(next)
                                                               : k_none;
  }
  uint32_t value(uint32_t node) const { return units_[node].value; }
  // The longest string that the text begins with, its size and number; {0, k_none} for none.
  std::pair<size_t, uint32_t> longest(std::string_view text) const;

 private:
  struct Unit {
    uint32_t base = 0;         // children are here and behind, by their byte
    uint32_t parent = k_none;  // k_none: free
    uint32_t value = k_none;
  };
  void build(std::span<const Entry> entries, size_t depth, uint32_t node);
  uint32_t place_for(std::span<const uint8_t> bytes);

  std::vector<Unit> units_;
  size_t first_free_ = 1;
};

}  // namespace headrace::text
