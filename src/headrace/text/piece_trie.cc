// Built from sorted strings, the children of a node at the first place where all of them fit.
#include "headrace/text/piece_trie.h"

#include <algorithm>

namespace headrace::text {
namespace {

constexpr size_t k_tries_max = 64;  // of places before the end, so that building stays linear

}  // namespace

PieceTrie::PieceTrie(std::vector<Entry> entries) {
  if (entries.empty()) return;
  std::ranges::sort(entries);
  units_.resize(1);
  units_[0].parent = 0;
  build(entries, 0, root());
}

void PieceTrie::build(std::span<const Entry> entries, size_t depth, uint32_t node) {
  if (entries[0].first.size() == depth) {
    units_[node].value = entries[0].second;
    entries = entries.subspan(1);
  }
  if (entries.empty()) return;
  std::vector<uint8_t> bytes;
  std::vector<size_t> ends;
  for (size_t i = 0; i < entries.size(); ++i) {
    const auto byte = static_cast<uint8_t>(entries[i].first[depth]);
    if (bytes.empty() || bytes.back() != byte) {
      bytes.push_back(byte);
      ends.push_back(i);
    }
    ends.back() = i + 1;
  }
  const uint32_t base = place_for(bytes);
  units_[node].base = base;
  for (const uint8_t byte : bytes) units_[base + byte].parent = node;
  size_t begin = 0;
  for (size_t i = 0; i < bytes.size(); ++i) {
    build(entries.subspan(begin, ends[i] - begin), depth + 1, base + bytes[i]);
    begin = ends[i];
  }
}

uint32_t PieceTrie::place_for(std::span<const uint8_t> bytes) {
  while (first_free_ < units_.size() && units_[first_free_].parent != k_none) ++first_free_;
  const auto is_free = [&](size_t at) {
    return at >= units_.size() || units_[at].parent == k_none;
  };
  size_t at = std::max<size_t>(first_free_, size_t{bytes[0]} + 1);
  for (size_t tries = 0;; ++at) {
    if (!is_free(at)) continue;
    if (++tries > k_tries_max) at = std::max(at, units_.size());
    const size_t base = at - bytes[0];
    if (!std::ranges::all_of(bytes, [&](uint8_t byte) { return is_free(base + byte); })) continue;
    if (tries > k_tries_max) first_free_ = std::max(first_free_, units_.size() - 1);
    if (base + bytes.back() >= units_.size()) units_.resize(base + bytes.back() + 1);
    return static_cast<uint32_t>(base);
  }
}

std::pair<size_t, uint32_t> PieceTrie::longest(std::string_view text) const {
  std::pair<size_t, uint32_t> found = {0, k_none};
  if (empty()) return found;
  uint32_t node = root();
  for (size_t i = 0; i < text.size(); ++i) {
    node = step(node, text[i]);
    if (node == k_none) break;
    if (value(node) != k_none) found = {i + 1, value(node)};
  }
  return found;
}

}  // namespace headrace::text
