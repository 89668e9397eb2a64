// Turns dealt out to parts by weight, so evenly that every prefix has its shares: which part turn p
// belongs to, and the how manieth of that part it is, by arithmetic alone.
// Thread safety: const after construction. Invariants: (1) the parts' turns among the first p add
// up to p; (2) each part's are within 2 of p times its share (within 1.01 in all that was tried),
// and are exactly that where p is a multiple of the sum of the weights; (3) memory is O(parts), a
// look-up O(log parts) for weights of one size.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace headrace::order {

class Interleave {
 public:
  // At least one; finite, above 0. Decimals of up to nine places count exactly, sums of more than
  // 4 * 10^9 in steps of their 4 * 10^18th.
  explicit Interleave(std::span<const double> weights);

  struct Turn {
    uint32_t part_index = 0;
    uint64_t number = 0;  // of this part's turns, from 0
    bool operator==(const Turn&) const = default;
  };
  Turn at(uint64_t position) const;  // position < 2^63
  uint64_t turns_before(uint32_t part_index, uint64_t position) const;
  size_t part_count() const { return parents_.size() / 2 + 1; }
  uint64_t weight_sum() const { return nodes_.empty() ? 1 : nodes_.back().weight; }

 private:
  // Weights are merged as Huffman merges them, two and two; each node splits its turns between its
  // two sides as evenly as two can be mixed. Parts come first in the numbering, then these nodes.
  struct Node {
    uint64_t left_weight = 0;
    uint64_t weight = 0;
    uint32_t left = 0, right = 0;
  };
  struct Split {
    uint64_t before = 0;   // of the first p turns, the left side's
    bool is_left = false;  // turn p
  };
  static Split split(const Node& node, uint64_t position);

  std::vector<Node> nodes_;
  std::vector<uint32_t> parents_;  // of each part and node but the root: a node
};

}  // namespace headrace::order
