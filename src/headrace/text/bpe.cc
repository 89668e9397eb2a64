// The search in a row of a few integers beats a heap for words of common length.
#include "headrace/text/bpe.h"

#include <algorithm>
#include <array>

namespace headrace::text {
namespace {

using Symbol = BpeScratch::Symbol;
using Candidate = BpeScratch::Candidate;
using Merge = Vocabulary::Merge;

constexpr size_t k_short_bytes = 32;
constexpr uint32_t k_none = Vocabulary::k_no_id;

bool comes_later(const Candidate& a, const Candidate& b) {
  return a.rank != b.rank ? a.rank > b.rank : a.at > b.at;
}

void push(const Vocabulary& vocabulary, uint32_t at, BpeScratch& scratch) {
  const Symbol& first = scratch.symbols[at];
  if (first.next == k_none) return;
  const uint32_t second = scratch.symbols[first.next].id;
  const Merge merge = vocabulary.merge_of(first.id, second);
  if (merge.rank == k_none) return;
  scratch.heap.push_back({merge.rank, at, first.id, second, merge.id});
  std::push_heap(scratch.heap.begin(), scratch.heap.end(), comes_later);
}

Candidate pop(BpeScratch& scratch) {
  std::pop_heap(scratch.heap.begin(), scratch.heap.end(), comes_later);
  const Candidate best = scratch.heap.back();
  scratch.heap.pop_back();
  return best;
}

void fill_symbols(const Vocabulary& vocabulary, std::string_view word,
                  std::vector<Symbol>& symbols) {
  symbols.clear();
  for (const char byte : word) {
    const uint32_t id = vocabulary.id_of_byte(static_cast<uint8_t>(byte));
    if (id == k_none) continue;
    const auto index = static_cast<uint32_t>(symbols.size());
    symbols.push_back({.id = id, .previous = index - 1, .next = index + 1});
  }
  if (!symbols.empty()) symbols.back().next = k_none;
}

// The rows of the search: ids, and each id's merge with the one behind it.
struct Row {
  std::array<uint32_t, k_short_bytes> ids;
  std::array<Merge, k_short_bytes> merges;
  size_t count = 0;
};

void merge_at(const Vocabulary& vocabulary, size_t at, Row& row) {
  row.ids[at] = row.merges[at].id;
  for (size_t i = at + 1; i + 1 < row.count; ++i) {
    row.ids[i] = row.ids[i + 1];
    row.merges[i] = row.merges[i + 1];
  }
  --row.count;
  if (at > 0) row.merges[at - 1] = vocabulary.merge_of(row.ids[at - 1], row.ids[at]);
  row.merges[at] = at + 1 < row.count ? vocabulary.merge_of(row.ids[at], row.ids[at + 1]) : Merge{};
}

void merge_short_word(const Vocabulary& vocabulary, std::string_view word,
                      std::vector<uint32_t>& ids) {
  Row row;
  for (const char byte : word) {
    const uint32_t id = vocabulary.id_of_byte(static_cast<uint8_t>(byte));
    if (id != k_none) row.ids[row.count++] = id;
  }
  for (size_t i = 0; i + 1 < row.count; ++i) {
    row.merges[i] = vocabulary.merge_of(row.ids[i], row.ids[i + 1]);
  }
  while (row.count > 1) {
    size_t best = 0;
    for (size_t i = 1; i + 1 < row.count; ++i) {
      if (row.merges[i].rank < row.merges[best].rank) best = i;
    }
    if (row.merges[best].rank == k_none) break;
    merge_at(vocabulary, best, row);
  }
  ids.insert(ids.end(), row.ids.begin(), row.ids.begin() + static_cast<ptrdiff_t>(row.count));
}

}  // namespace

void merge_word(const Vocabulary& vocabulary, std::string_view word, BpeScratch& scratch,
                std::vector<uint32_t>& ids) {
  if (word.size() <= k_short_bytes) return merge_short_word(vocabulary, word, ids);
  merge_long_word(vocabulary, word, scratch, ids);
}

void merge_long_word(const Vocabulary& vocabulary, std::string_view word, BpeScratch& scratch,
                     std::vector<uint32_t>& ids) {
  std::vector<Symbol>& symbols = scratch.symbols;
  fill_symbols(vocabulary, word, symbols);
  scratch.heap.clear();
  for (uint32_t i = 0; i < symbols.size(); ++i) push(vocabulary, i, scratch);
  while (!scratch.heap.empty()) {
    const Candidate best = pop(scratch);
    Symbol& first = symbols[best.at];
    // Merged away meanwhile, or not the pair any more that it was.
    if (first.is_merged || first.id != best.first || first.next == k_none) continue;
    Symbol& second = symbols[first.next];
    if (second.id != best.second) continue;
    first.id = best.id;
    first.next = second.next;
    second.is_merged = true;
    if (first.next != k_none) symbols[first.next].previous = best.at;
    if (best.at > 0) push(vocabulary, first.previous, scratch);
    push(vocabulary, best.at, scratch);
  }
  for (const Symbol& symbol : symbols) {
    if (!symbol.is_merged) ids.push_back(symbol.id);
  }
}

}  // namespace headrace::text
