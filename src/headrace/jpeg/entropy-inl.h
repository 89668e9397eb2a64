// What decoding one interval and two at once share: the bit reader, the first coefficient, one
// look-up, the end of a block. Included by entropy.cc and entropy_pair.cc, once for each target.
#if defined(HEADRACE_JPEG_ENTROPY_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef HEADRACE_JPEG_ENTROPY_INL_H_
#undef HEADRACE_JPEG_ENTROPY_INL_H_
#else
#define HEADRACE_JPEG_ENTROPY_INL_H_
#endif

#include <hwy/highway.h>

#include <cstring>

#include "headrace/jpeg/entropy.h"

HWY_BEFORE_NAMESPACE();
namespace headrace::jpeg {
namespace HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

// Leaves at least 56 bits. Bits that are there already are ored with themselves. What stands above
// the low six bits of the count is junk: so subtracting a whole table entry is in order.
HWY_INLINE void refill(BitReader& reader) {
  uint64_t word;
  std::memcpy(&word, reader.next, sizeof word);
  reader.bits |= __builtin_bswap64(word) >> (reader.count & 63);
  reader.next += (~reader.count >> 3) & 7;
  reader.count |= 56;
}

HWY_INLINE void consume(BitReader& reader, uint64_t bit_count) {
  reader.bits <<= bit_count & 63;
  reader.count -= bit_count;
}

// The top `64 - shift` bits as a signed value (ITU T.81, figure F.12) without a branch: numbers
// that start with 0 stand for v - (2^n - 1). Of the shift only the low six bits count.
HWY_INLINE int16_t extend_top(uint64_t bits, uint64_t shift) {
  const uint64_t all_when_negative = (bits >> 63) - 1;
  return static_cast<int16_t>((bits >> (shift & 63)) - (all_when_negative >> (shift & 63)));
}

HWY_INLINE void clear_block(int16_t* block) {
  const hn::CappedTag<int16_t, 16> d;
  for (size_t index = 0; index < k_block_size; index += hn::Lanes(d)) {
    hn::StoreU(hn::Zero(d), d, block + index);
  }
}

// The difference of the first coefficient. Leaves at least 31 bits.
HWY_INLINE bool decode_difference(BitReader& reader, const DcTable& table, int32_t& difference) {
  uint32_t length = table.entries[reader.bits >> (64 - k_dc_index_bits)];
  uint32_t size_bits = length >> 8;
  length &= 255;
  bool is_long = false;
  if (length == 0) [[unlikely]] {
    const Symbol symbol =
        table.code.find(static_cast<uint32_t>(reader.bits >> 48), k_dc_index_bits + 1);
    if (symbol.length_bits == 0) return false;
    length = symbol.length_bits;
    size_bits = symbol.value & 15;
    is_long = true;
  }
  const uint64_t extra = reader.bits << length;
  const uint64_t all_when_negative = (extra >> 63) - 1;
  const uint64_t shift = 63 - size_bits;
  difference = static_cast<int32_t>(((extra >> 1) >> shift) - ((all_when_negative >> 1) >> shift));
  consume(reader, length + size_bits);
  if (is_long) [[unlikely]]
    refill(reader);
  return true;
}

// Where a block's decoding stands: the reader, the place of the last coefficient, and of the last
// look-up's first one. Goes in and out of calls by value, so that it stays in registers elsewhere.
struct Progress {
  BitReader reader;
  uint64_t last = 0;
  uint64_t first = 0;
};
constexpr uint64_t k_corrupt_place = 2 * k_block_size - 1;

// A code that the pair table does not hold: long, or a run of sixteen zeros.
HWY_NOINLINE Progress decode_long_code(Progress place, const CanonicalCode& code, int16_t* block) {
  BitReader& reader = place.reader;
  const auto top_bits = static_cast<uint32_t>(reader.bits >> 48);
  const bool is_short = top_bits < code.limits[k_pair_index_bits];
  const Symbol symbol = code.find(top_bits, is_short ? 1 : k_pair_index_bits + 1);
  const uint32_t size_bits = symbol.value & 15;
  const uint64_t extra = reader.bits << symbol.length_bits;
  place.first = place.last + (symbol.value >> 4) + 1;
  if (symbol.length_bits == 0) {
    place.first = k_corrupt_place;
  } else if (size_bits > 0) {
    block[k_natural_order[place.first]] = extend_top(extra, 64 - size_bits);
  } else if (symbol.value != k_zero_run_symbol) {
    place.first = place.last + k_end_skip;
  }
  place.last = place.first;
  consume(reader, symbol.length_bits + size_bits);
  refill(reader);
  return place;
}

// The last look-up took a second symbol beyond the block's end: back to behind its first.
HWY_NOINLINE BitReader undo_second(BitReader reader, uint64_t entry, const AcTable& table) {
  const uint64_t unread_bits = (reader.count & 63) + (entry & 255);
  reader.next -= (unread_bits + 7) / 8;
  reader.bits = 0;
  reader.count = 0;
  refill(reader);
  consume(reader, (0 - unread_bits) & 7);
  const Symbol first = table.code.find(static_cast<uint32_t>(reader.bits >> 48), 1);
  consume(reader, first.length_bits + (first.value & 15));
  return reader;
}

// One look-up. Junk values (of an end of block, of a corrupt run) go to block[0].
template <bool k_store>
HWY_INLINE uint64_t look_up(Progress& place, const AcTable& table, int16_t* block) {
  const uint64_t bits = place.reader.bits;
  const uint64_t entry = table.entries[bits >> (64 - k_pair_index_bits)];
  if (entry == 0) [[unlikely]] {
    place = decode_long_code(place, table.code, block);
    return entry;
  }
  place.reader.bits = bits << (entry & 63);
  place.reader.count -= entry;
  place.first = place.last + ((entry >> 8) & 255);
  place.last += entry >> 56;
  if constexpr (k_store) {
    block[k_natural_order[place.first]] = static_cast<int16_t>(entry >> 40);
    block[k_natural_order[place.last]] = extend_top(bits << ((entry >> 24) & 63), entry >> 16);
  }
  return entry;
}

// How many places a block's look-ups used, the last of which gave `entry`; 0 when corrupt.
HWY_INLINE uint32_t end_block(Progress& place, uint64_t entry, const AcTable& table) {
  constexpr uint64_t k_last = k_block_size - 1;
  if (place.last == k_last) return k_block_size;
  if (place.first == k_last) {
    place.reader = undo_second(place.reader, entry, table);
    return k_block_size;
  }
  const bool is_corrupt =
      place.last < k_end_skip || (place.first > k_last && place.first < k_end_skip);
  return is_corrupt ? 0 : static_cast<uint32_t>(place.last - k_end_skip + 1);
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace headrace::jpeg
HWY_AFTER_NAMESPACE();

#endif  // per target
