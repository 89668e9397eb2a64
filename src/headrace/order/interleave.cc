// A tree of two-sided splits. An error of e turns becomes e times the side's share and half a turn
// more; Huffman's tree keeps inner shares at 2/3 or less, hence the bound of 2.
#include "headrace/order/interleave.h"

#include <cmath>
#include <numeric>
#include <queue>

#include "headrace/base/check.h"

namespace headrace::order {
namespace {

__extension__ using Wide = unsigned __int128;

constexpr double k_units = 1e9, k_sum_most = 4e18;

std::vector<uint64_t> whole(std::span<const double> weights) {
  std::vector<uint64_t> units;
  uint64_t divisor = 0;
  const double scale =
      std::min(k_units, k_sum_most / std::accumulate(weights.begin(), weights.end(), 0.0));
  for (const double weight : weights) {
    HR_CHECK(weight > 0 && scale > 0, "weight {}, scale {}", weight, scale);
    units.push_back(static_cast<uint64_t>(std::max(1.0, std::round(weight * scale))));
    divisor = std::gcd(divisor, units.back());
  }
  for (uint64_t& unit : units) unit /= divisor;
  return units;
}

}  // namespace

Interleave::Interleave(std::span<const double> weights) {
  HR_CHECK(!weights.empty());
  const std::vector<uint64_t> units = whole(weights);
  using Lightest = std::pair<uint64_t, uint32_t>;  // weight, part or node
  std::priority_queue<Lightest, std::vector<Lightest>, std::greater<>> open;
  for (uint32_t part = 0; part < units.size(); ++part) open.emplace(units[part], part);
  parents_.resize(2 * units.size() - 2);
  while (open.size() > 1) {
    const auto [right_weight, right] = open.top();
    open.pop();
    const auto [left_weight, left] = open.top();
    open.pop();
    const auto node = static_cast<uint32_t>(nodes_.size());
    nodes_.push_back({.left_weight = left_weight,
                      .weight = left_weight + right_weight,
                      .left = left,
                      .right = right});
    parents_[left] = parents_[right] = node;
    open.emplace(left_weight + right_weight, static_cast<uint32_t>(units.size()) + node);
  }
}

// round(p * left / all), and whether the next one is larger.
Interleave::Split Interleave::split(const Node& node, uint64_t position) {
  const Wide scaled = Wide{position} * node.left_weight + node.weight / 2;
  const auto before = static_cast<uint64_t>(scaled / node.weight);
  const auto rest = static_cast<uint64_t>(scaled - Wide{before} * node.weight);
  return {.before = before, .is_left = rest >= node.weight - node.left_weight};
}

Interleave::Turn Interleave::at(uint64_t position) const {
  uint64_t number = position;
  auto at = static_cast<uint32_t>(parents_.size());  // the root
  while (at >= part_count()) {
    const Node& node = nodes_[at - part_count()];
    const Split split = Interleave::split(node, number);
    number = split.is_left ? split.before : number - split.before;
    at = split.is_left ? node.left : node.right;
  }
  return {.part_index = at, .number = number};
}

uint64_t Interleave::turns_before(uint32_t part_index, uint64_t position) const {
  HR_CHECK(part_index < part_count(), "part {} of {}", part_index, part_count());
  std::vector<uint32_t> way;  // from the part up
  for (uint32_t at = part_index; at < parents_.size();) {
    way.push_back(at);
    at = static_cast<uint32_t>(part_count()) + parents_[at];
  }
  uint64_t count = position;
  for (auto at = way.rbegin(); at != way.rend(); ++at) {
    const Node& node = nodes_[parents_[*at]];
    const Split split = Interleave::split(node, count);
    count = node.left == *at ? split.before : count - split.before;
  }
  return count;
}

}  // namespace headrace::order
