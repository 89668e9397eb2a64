// Open addressing, linear probing, tables at most half full.
#include "headrace/text/vocabulary.h"

#include <bit>

#include "headrace/base/check.h"
#include "headrace/base/hash.h"

namespace headrace::text {
namespace {

constexpr size_t k_pool_bytes_max = size_t{1} << 30;

size_t table_size(size_t count) { return std::bit_ceil(2 * count + 2); }

uint64_t pair_of(uint32_t first, uint32_t second) { return uint64_t{first} << 32 | second; }

size_t spread(uint64_t pair) {
  return static_cast<size_t>((pair ^ pair >> 29) * 0x9E3779B97F4A7C15 >> 20);
}

}  // namespace

std::expected<Vocabulary, std::string> Vocabulary::make(const std::vector<Token>& tokens) {
  Vocabulary made;
  uint32_t id_end = 0;
  size_t pool_bytes = 0;
  for (const Token& token : tokens) {
    if (token.id >= k_id_count_max) {
      return std::unexpected(fmt::format("token {} is beyond {}", token.id, k_id_count_max));
    }
    id_end = std::max(id_end, token.id + 1);
    pool_bytes += token.bytes.size();
  }
  if (pool_bytes > k_pool_bytes_max) return std::unexpected("its tokens are longer than 1 GiB");
  made.begins_.resize(id_end);
  made.ends_.resize(id_end);
  made.pool_.reserve(pool_bytes);
  made.ids_.assign(table_size(tokens.size()), k_no_id);
  for (const Token& token : tokens) {
    if (token.bytes.empty()) continue;  // no text ends up as it
    if (made.ends_[token.id] != made.begins_[token.id]) {
      return std::unexpected(fmt::format("two tokens have the id {}", token.id));
    }
    made.begins_[token.id] = static_cast<uint32_t>(made.pool_.size());
    made.pool_ += token.bytes;
    made.ends_[token.id] = static_cast<uint32_t>(made.pool_.size());
    size_t slot = xxh3(token.bytes) & (made.ids_.size() - 1);
    for (; made.ids_[slot] != k_no_id; slot = (slot + 1) & (made.ids_.size() - 1)) {
      if (made.text_of(made.ids_[slot]) == token.bytes) {
        return std::unexpected(
            fmt::format("tokens {} and {} are the same bytes", made.ids_[slot], token.id));
      }
    }
    made.ids_[slot] = token.id;
  }
  for (uint32_t byte = 0; byte < 256; ++byte) {
    const char one = static_cast<char>(byte);
    made.byte_ids_[byte] = made.id_of({&one, 1}).value_or(k_no_id);
  }
  made.reserve_merges(0);
  return made;
}

void Vocabulary::reserve_merges(size_t count) {
  HR_CHECK(merge_count_ == 0, "{} merges", merge_count_);
  merges_.assign(table_size(count), MergeSlot{});
}

std::expected<void, std::string> Vocabulary::add_merge(std::string_view first,
                                                       std::string_view second) {
  HR_CHECK(2 * (size_t{merge_count_} + 1) <= merges_.size(), "{} merges", merge_count_);
  const auto one = id_of(first), other = id_of(second);
  const auto both = id_of(std::string(first).append(second));
  if (!one || !other || !both) {
    return std::unexpected(
        fmt::format("merge {} needs a token that is not in the vocabulary", merge_count_));
  }
  const uint64_t pair = pair_of(*one, *other);
  merges_[slot_of(pair)] = {pair, {merge_count_++, *both}};
  return {};
}

Vocabulary::Merge Vocabulary::merge_of(uint32_t first, uint32_t second) const {
  return merges_[slot_of(pair_of(first, second))].merge;
}

// Where the pair lies, or the free slot where it would.
size_t Vocabulary::slot_of(uint64_t pair) const {
  size_t slot = spread(pair) & (merges_.size() - 1);
  while (merges_[slot].pair != pair && merges_[slot].pair != ~uint64_t{0}) {
    slot = (slot + 1) & (merges_.size() - 1);
  }
  return slot;
}

std::optional<uint32_t> Vocabulary::id_of(std::string_view bytes) const {
  size_t slot = xxh3(bytes) & (ids_.size() - 1);
  for (; ids_[slot] != k_no_id; slot = (slot + 1) & (ids_.size() - 1)) {
    if (text_of(ids_[slot]) == bytes) return ids_[slot];
  }
  return std::nullopt;
}

std::string_view Vocabulary::text_of(uint32_t id) const {
  return std::string_view(pool_).substr(begins_[id], ends_[id] - begins_[id]);
}

std::string_view Vocabulary::bytes_of(uint32_t id) const {
  return id < ends_.size() ? text_of(id) : std::string_view();
}

}  // namespace headrace::text
