// The body of hr_jpeg_entropy: one interval's codes to coefficients, a bit reader over stuffed
// bytes. Thread safety: intervals are apart, but for verdicts, of which any may be set.
// Invariants: 1. every read of coded bytes is inside the interval; bits behind its end are 0 and
// counted; 2. a block's places never leave its 64; 3. each block of the interval is written, zeros
// too.
#pragma once

#include "headrace/kernels/block-inl.h"
#include "headrace/kernels/jpeg.h"

namespace headrace::kernels {

class CodeReader {
 public:
  HR_BOTH CodeReader(const uint8_t* begin, uint32_t size_bytes)
      : next_(begin), end_(begin + size_bytes) {}
  // The next symbol, with at least 15 bits behind it; false: no such code.
  HR_BOTH bool read(const EntropyTable& table, uint32_t& symbol) {
    if (count_ < 32) refill();
    const uint32_t entry = table.short_codes[bits_ >> (64 - k_short_code_bits)];
    if (entry == 0) return read_long(table, symbol);
    consume(entry & 255);
    symbol = entry >> 8;
    return true;
  }
  // What the next bits stand for (ITU T.81, figure F.12); at most 15 of them.
  HR_BOTH int32_t extended(uint32_t bit_count) {
    if (bit_count == 0) return 0;
    const auto value = static_cast<int32_t>(bits_ >> (64 - bit_count));
    consume(bit_count);
    const int32_t half = int32_t{1} << (bit_count - 1);
    return value < half ? value - 2 * half + 1 : value;
  }
  // All bits were used but for what fills the last byte up.
  HR_BOTH bool is_at_end() const {
    const int64_t unread = int64_t{count_} - int64_t{missing_};
    return next_ == end_ && unread >= 0 && unread < 8;
  }

 private:
  HR_BOTH void refill() {
    while (count_ <= 56) {
      uint64_t byte = 0;
      if (next_ != end_) {
        byte = *next_++;
        if (byte == 0xff && next_ != end_) ++next_;
      } else {
        missing_ += 8;
      }
      bits_ |= byte << (56 - count_);
      count_ += 8;
    }
  }
  HR_BOTH void consume(uint32_t bit_count) {
    bits_ <<= bit_count;
    count_ -= bit_count;
  }
  HR_BOTH bool read_long(const EntropyTable& table, uint32_t& symbol) {
    const auto top_bits = static_cast<uint32_t>(bits_ >> 48);
    for (uint32_t length = k_short_code_bits + 1; length <= 16; ++length) {
      if (top_bits >= table.limits[length]) continue;
      const int32_t place = table.offsets[length] + static_cast<int32_t>(top_bits >> (16 - length));
      consume(length);
      symbol = table.symbols[place & 255];
      return true;
    }
    return false;
  }

  const uint8_t* next_;
  const uint8_t* end_;
  uint64_t bits_ = 0;
  uint32_t count_ = 0;
  uint32_t missing_ = 0;  // bits of `count_` and before that no byte gave
};

HR_BOTH void clear_block(int16_t* block) {
  auto* words = reinterpret_cast<uint64_t*>(block);
  for (uint32_t i = 0; i < 16; ++i) words[i] = 0;
}

// The coefficients after the first.
HR_BOTH bool decode_rest(CodeReader& reader, const EntropyTable& table, int16_t* block) {
  constexpr uint32_t k_last = 63, k_zero_run = 0xf0;
  for (uint32_t place = 0; place < k_last;) {
    uint32_t symbol = 0;
    if (!reader.read(table, symbol)) return false;
    const uint32_t size_bits = symbol & 15;
    if (size_bits == 0 && symbol != k_zero_run) return true;  // the block's end
    place += (symbol >> 4) + 1;
    if (place > k_last) return false;
    if (size_bits > 0) block[place] = static_cast<int16_t>(reader.extended(size_bits));
  }
  return true;
}

HR_BOTH bool decode_block(CodeReader& reader, const JpegBatch& batch, const JpegPart& part,
                          uint64_t block_index, int32_t& prediction) {
  int16_t* block = batch.coefficients + block_index * 64;
  clear_block(block);
  uint32_t size_bits = 0;
  if (!reader.read(batch.tables[part.dc_table], size_bits)) return false;
  prediction += reader.extended(size_bits & 15);
  if (prediction < -32768 || prediction > 32767) return false;
  block[0] = static_cast<int16_t>(prediction);
  return decode_rest(reader, batch.tables[part.ac_table], block);
}

HR_BOTH bool decode_mcu(CodeReader& reader, const JpegBatch& batch, const JpegPicture& picture,
                        uint32_t mcu_index, int32_t* predictions) {
  const uint32_t across = mcu_index % picture.mcus_in_row, down = mcu_index / picture.mcus_in_row;
  for (uint32_t component = 0; component < picture.component_count; ++component) {
    const JpegPart& part = picture.parts[component];
    for (uint32_t i = 0; i < part.horizontal * part.vertical; ++i) {
      const uint64_t row = down * part.vertical + i / part.horizontal;
      const uint64_t column = across * part.horizontal + i % part.horizontal;
      const uint64_t block_index = part.first_block + row * part.blocks_wide + column;
      if (!decode_block(reader, batch, part, block_index, predictions[component])) return false;
    }
  }
  return true;
}

HR_BOTH void decode_interval(const JpegBatch& batch, uint32_t interval_index) {
  if (interval_index >= batch.interval_count) return;
  const JpegInterval interval = batch.intervals[interval_index];
  const JpegPicture& picture = batch.pictures[interval.picture_index];
  CodeReader reader(batch.coded + interval.offset_bytes, interval.size_bytes);
  int32_t predictions[k_jpeg_components] = {};
  bool good = true;
  for (uint32_t i = 0; i < interval.mcu_count && good; ++i) {
    good = decode_mcu(reader, batch, picture, interval.first_mcu + i, predictions);
  }
  if (!good || !reader.is_at_end()) batch.verdicts[interval.picture_index] = 1;
}

}  // namespace headrace::kernels
