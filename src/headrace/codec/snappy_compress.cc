// The writing half of snappy.h: greedy, one look-up in a table of places by the hash of four bytes,
// and steps that grow where nothing is found, so that what does not shrink costs little.
#include <array>
#include <bit>
#include <optional>
#include <utility>

#include "headrace/base/check.h"
#include "headrace/base/endian.h"
#include "headrace/codec/snappy.h"

namespace headrace::codec {
namespace {

using Bytes = std::span<const std::byte>;

constexpr size_t k_block_most_bytes = size_t{1} << 16;  // places are 16 bits
constexpr size_t k_match_bytes = 4, k_margin_bytes = 16;
constexpr unsigned k_table_bits = 14;

class Packing {
 public:
  explicit Packing(Bytes bytes) : bytes_(bytes) {
    made_.reserve(32 + bytes.size() + bytes.size() / 6);
    for (size_t size = bytes.size();; size >>= 7) {
      put(size < 0x80 ? size : size % 0x80 + 0x80);
      if (size < 0x80) break;
    }
  }

  std::vector<std::byte> run() {
    size_t done = 0;
    if (bytes_.size() > k_margin_bytes) {
      const size_t end = bytes_.size() - k_margin_bytes;
      size_t at = 1;
      while (const auto match = find(at, end)) {
        literal(done, match->at);
        at = done = match->at + copy(*match);
        if (at > end) break;
        places_[hash_at(at - 1)] = static_cast<uint16_t>(at - 1);
      }
    }
    literal(done, bytes_.size());
    return std::move(made_);
  }

 private:
  struct Match {
    size_t at, from;
  };

  std::optional<Match> find(size_t at, size_t end) {
    for (size_t misses = 32; at <= end; at += misses++ / 32) {
      uint16_t& place = places_[hash_at(at)];
      const size_t from = place;
      place = static_cast<uint16_t>(at);
      if (from < at && word(from) == word(at)) return Match{.at = at, .from = from};
    }
    return std::nullopt;
  }

  size_t copy(const Match& match) {
    size_t length = k_match_bytes;
    length += equal_bytes(match.from + length, match.at + length);
    const size_t distance = match.at - match.from;
    for (size_t left = length; left > 0;) {
      // 60 where 64 would leave less than the shortest copy of the short form.
      const size_t here = left <= 64 ? left : left < 68 ? 60 : 64;
      if (here < 12 && here >= 4 && distance < 2048) {
        put(1 | (here - 4) << 2 | distance >> 8 << 5);
        put(distance % 256);
      } else {
        put(2 | (here - 1) << 2);
        put(distance % 256);
        put(distance / 256);
      }
      left -= here;
    }
    return length;
  }

  size_t equal_bytes(size_t from, size_t at) const {
    size_t count = 0;
    while (at + count + 8 <= bytes_.size()) {
      const uint64_t differs = load_le<uint64_t>(bytes_.data() + from + count) ^
                               load_le<uint64_t>(bytes_.data() + at + count);
      if (differs != 0) return count + static_cast<size_t>(std::countr_zero(differs)) / 8;
      count += 8;
    }
    while (at + count < bytes_.size() && bytes_[from + count] == bytes_[at + count]) ++count;
    return count;
  }

  void literal(size_t begin, size_t end) {
    if (begin == end) return;
    const size_t length = end - begin - 1;
    if (length < 60) {
      put(length << 2);
    } else {
      const size_t extra = length < 256 ? 1 : 2;
      put((59 + extra) << 2);
      put(length % 256);
      if (extra == 2) put(length / 256);
    }
    const Bytes bytes = bytes_.subspan(begin, end - begin);
    made_.insert(made_.end(), bytes.begin(), bytes.end());
  }

  uint32_t word(size_t at) const { return load_le<uint32_t>(bytes_.data() + at); }
  size_t hash_at(size_t at) const { return word(at) * 0x1e35a7bdU >> (32 - k_table_bits); }
  void put(size_t value) { made_.push_back(static_cast<std::byte>(value)); }

  Bytes bytes_;
  std::array<uint16_t, size_t{1} << k_table_bits> places_ = {};
  std::vector<std::byte> made_;
};

}  // namespace

std::vector<std::byte> snappy_compressed(Bytes bytes) {
  HR_CHECK(bytes.size() <= k_block_most_bytes, "{}", bytes.size());
  return Packing(bytes).run();
}

}  // namespace headrace::codec
