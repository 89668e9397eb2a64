// The body of hr_pictures. A block makes a tile of one picture, row after row: source rows are
// blended into shared memory in 1/256 of a pixel, and columns from there. What does not fit there
// is blended again for each column: slower, the same bits. Thread safety: pure but for the target.
#pragma once

#include "headrace/kernels/pictures.h"
#include "headrace/kernels/weights-inl.h"

namespace headrace::kernels {

HR_BOTH uint32_t least(uint32_t a, uint32_t b) { return a < b ? a : b; }

// Rounded to nearest even, as ops/pixel_format.h has it.
HR_BOTH uint32_t bits_of(float value) {
  union {
    float number;
    uint32_t bits;
  } both = {value};
  return both.bits;
}
HR_BOTH uint16_t as_bfloat16(float value) {
  const uint32_t bits = bits_of(value);
  return static_cast<uint16_t>((bits + 0x7fff + (bits >> 16 & 1)) >> 16);
}
// A float16 step is 2^-24 below 2^-14, and 2^-10 of the power of two above. Adding 2^23 rounds to a
// whole number.
HR_BOTH uint16_t as_float16(float value) {
  const uint32_t sign = bits_of(value) >> 16 & 0x8000;
  const float magnitude = value < 0 ? -value : value;
  if (magnitude >= 65520) return static_cast<uint16_t>(sign | 0x7c00);
  if (magnitude < 0x1p-14f) {
    const float rounded = difference(product(magnitude, 0x1p24f), -0x1p23f);
    return static_cast<uint16_t>(sign | (bits_of(rounded) & 0x7fffff));
  }
  const uint32_t bits = bits_of(magnitude) - (uint32_t{112} << 23);
  return static_cast<uint16_t>(sign | (bits + 0xfff + (bits >> 13 & 1)) >> 13);
}

HR_BOTH void write_element(const PictureFormat& format, uint32_t color, uint8_t value,
                           std::byte* target, uint64_t index) {
  if (format.element == Element::uint8) {
    reinterpret_cast<uint8_t*>(target)[index] = value;
    return;
  }
  const float centered = difference(static_cast<float>(value), format.offset[color]);
  const float scaled = product(centered, format.factor[color]);
  if (format.element == Element::float32) {
    reinterpret_cast<float*>(target)[index] = scaled;
  } else {
    reinterpret_cast<uint16_t*>(target)[index] =
        format.element == Element::float16 ? as_float16(scaled) : as_bfloat16(scaled);
  }
}

// The source pixels that some neighboring targets reach over.
struct Span {
  uint32_t first = 0, count = 0;
};
HR_BOTH Span span_of(const ops::AxisSpec& spec, uint32_t first_target, uint32_t target_count) {
  const uint32_t one = Taps(spec, first_target).first();
  const uint32_t other = Taps(spec, first_target + target_count - 1).first();
  const uint32_t first = least(one, other);  // firsts fall where the axis is mirrored
  return {first, (one > other ? one : other) + taps_of(spec) - first};
}

// What a picture becomes before it is turned.
HR_BOTH uint32_t width_of(const PictureFormat& format, const Picture& picture) {
  return picture.transpose ? format.height : format.width;
}
HR_BOTH uint32_t height_of(const PictureFormat& format, const Picture& picture) {
  return picture.transpose ? format.width : format.height;
}
HR_BOTH uint32_t tiles_across(const PictureFormat& format, const Picture& picture) {
  return (width_of(format, picture) + k_tile_columns - 1) / k_tile_columns;
}
HR_BOTH uint32_t tiles_of(const PictureFormat& format, const Picture& picture) {
  return tiles_across(format, picture) *
         ((height_of(format, picture) + k_tile_rows - 1) / k_tile_rows);
}

// Which targets a block makes, and the source pixels they are made of.
struct Tile {
  uint32_t left, top, across, down;
  Span columns, rows;
  uint32_t column_taps, row_taps;

  HR_BOTH Tile(const PictureFormat& format, const Picture& picture, uint32_t tile_index) {
    const uint32_t in_row = tiles_across(format, picture);
    left = tile_index % in_row * k_tile_columns;
    top = tile_index / in_row * k_tile_rows;
    across = least(k_tile_columns, width_of(format, picture) - left);
    down = least(k_tile_rows, height_of(format, picture) - top);
    columns = span_of(picture.columns, left, across);
    rows = span_of(picture.rows, top, down);
    column_taps = taps_of(picture.columns);
    row_taps = taps_of(picture.rows);
  }
  // Words of shared memory: weights of both axes with each target's first sample, a blended row.
  HR_BOTH uint64_t words() const {
    return k_tile_columns * (uint64_t{column_taps} + 1) + k_tile_rows * (uint64_t{row_taps} + 1) +
           3 * uint64_t{columns.count};
  }
};

// Weights as they come, for tiles that do not fit into shared memory.
class BareTile {
 public:
  HR_BOTH BareTile(const Picture& picture, const Tile& tile) : picture_(picture), tile_(tile) {}
  HR_BOTH void blend_rows(uint32_t, const Block&) {}
  HR_BOTH uint8_t value(uint32_t x, uint32_t y, uint32_t color) const {
    Taps taps(picture_.columns, tile_.left + x);
    uint32_t sum = 1u << 23;
    for (uint32_t tap = 0; tap < taps.count(); ++tap) {
      sum += blended(3 * (uint64_t{taps.first()} + tap) + color, y) * taps.next();
    }
    return static_cast<uint8_t>(sum >> 24);
  }

 private:
  HR_BOTH uint32_t blended(uint64_t byte_index, uint32_t y) const {
    Taps taps(picture_.rows, tile_.top + y);
    const uint8_t* from = picture_.pixels + taps.first() * picture_.stride_bytes + byte_index;
    uint32_t sum = 1u << 15;
    for (uint32_t tap = 0; tap < taps.count(); ++tap, from += picture_.stride_bytes) {
      sum += (uint32_t{*from} << 8) * taps.next();
    }
    return sum >> 16;
  }

  const Picture& picture_;
  const Tile& tile_;
};

// Weights and the blended row in shared memory, tap by tap so that neighbors lie side by side.
class SharedTile {
 public:
  HR_BOTH SharedTile(const Picture& picture, const Tile& tile, uint16_t* shared, const Block& block)
      : picture_(picture),
        tile_(tile),
        column_firsts_(shared),
        column_weights_(column_firsts_ + k_tile_columns),
        row_firsts_(column_weights_ + k_tile_columns * tile.column_taps),
        row_weights_(row_firsts_ + k_tile_rows),
        blended_(row_weights_ + k_tile_rows * tile.row_taps) {
    for (uint32_t i = block.thread; i < tile.across + tile.down; i += block.threads) {
      if (i < tile.across) {
        keep(Taps(picture.columns, tile.left + i), tile.columns, column_firsts_ + i,
             k_tile_columns);
      } else {
        keep(Taps(picture.rows, tile.top + i - tile.across), tile.rows,
             row_firsts_ + i - tile.across, k_tile_rows);
      }
    }
    block.wait_for_all();
  }
  HR_BOTH void blend_rows(uint32_t y, const Block& block) {
    block.wait_for_all();  // until all have read the row before
    const uint8_t* top = picture_.pixels + 3 * uint64_t{tile_.columns.first} +
                         (uint64_t{tile_.rows.first} + row_firsts_[y]) * picture_.stride_bytes;
    if (picture_.stride_bytes % k_word_bytes == 0) {
      blend_words(top, y, block);
    } else {
      blend_bytes(top, y, block);
    }
    block.wait_for_all();
  }
  HR_BOTH uint8_t value(uint32_t x, uint32_t, uint32_t color) const {
    const uint16_t* from = blended_ + 3 * uint32_t{column_firsts_[x]} + color;
    uint32_t sum = 1u << 23;
    for (uint32_t tap = 0; tap < tile_.column_taps; ++tap) {
      sum += uint32_t{from[3 * tap]} * column_weights_[tap * k_tile_columns + x];
    }
    return static_cast<uint8_t>(sum >> 24);
  }

 private:
  static constexpr uint32_t k_word_bytes = 4;

  HR_BOTH void blend_bytes(const uint8_t* top, uint32_t y, const Block& block) {
    for (uint32_t i = block.thread; i < 3 * tile_.columns.count; i += block.threads) {
      const uint8_t* from = top + i;
      uint32_t sum = 1u << 15;
      for (uint32_t tap = 0; tap < tile_.row_taps; ++tap, from += picture_.stride_bytes) {
        sum += (uint32_t{*from} << 8) * row_weights_[tap * k_tile_rows + y];
      }
      blended_[i] = static_cast<uint16_t>(sum >> 16);
    }
  }
  // Four bytes a load: the words that the span's bytes lie in, in each row the same.
  HR_BOTH void blend_words(const uint8_t* top, uint32_t y, const Block& block) {
    const uint32_t count = 3 * tile_.columns.count;
    const auto skipped = static_cast<uint32_t>(reinterpret_cast<uintptr_t>(top) % k_word_bytes);
    for (uint32_t word = block.thread; word * k_word_bytes < skipped + count;
         word += block.threads) {
      const uint8_t* from = top - skipped + word * k_word_bytes;
      uint32_t sums[k_word_bytes] = {1u << 15, 1u << 15, 1u << 15, 1u << 15};
      for (uint32_t tap = 0; tap < tile_.row_taps; ++tap, from += picture_.stride_bytes) {
        uint32_t four = 0;
        __builtin_memcpy(&four, __builtin_assume_aligned(from, k_word_bytes), k_word_bytes);
        const uint32_t weight = uint32_t{row_weights_[tap * k_tile_rows + y]} << 8;
        for (uint32_t k = 0; k < k_word_bytes; ++k) sums[k] += (four >> 8 * k & 0xff) * weight;
      }
      for (uint32_t k = 0; k < k_word_bytes; ++k) {
        const uint32_t i = word * k_word_bytes + k - skipped;  // huge before the span
        if (i < count) blended_[i] = static_cast<uint16_t>(sums[k] >> 16);
      }
    }
  }
  // A target's first sample within the span, and behind it its weights, `stride` apart.
  HR_BOTH static void keep(Taps taps, const Span& span, uint16_t* place, uint32_t stride) {
    *place = static_cast<uint16_t>(taps.first() - span.first);
    for (uint32_t tap = 0; tap < taps.count(); ++tap) {
      place[(tap + 1) * stride] = static_cast<uint16_t>(taps.next());
    }
  }

  const Picture& picture_;
  const Tile& tile_;
  uint16_t *column_firsts_, *column_weights_, *row_firsts_, *row_weights_, *blended_;
};

template <class Values>
HR_BOTH void write_tile(const PictureBatch& batch, const Tile& tile, const Block& block,
                        Values values) {
  const PictureFormat& format = batch.format;
  const Picture& picture = batch.pictures[block.y];
  const uint64_t plane = uint64_t{format.width} * format.height;
  const uint64_t begin = 3 * plane * picture.target_row;
  for (uint32_t y = 0; y < tile.down; ++y) {
    values.blend_rows(y, block);
    for (uint32_t i = block.thread; i < 3 * tile.across; i += block.threads) {
      const uint32_t color = format.planar ? i / tile.across : i % 3;
      const uint32_t x = format.planar ? i % tile.across : i / 3;
      const uint32_t across = tile.left + x, down = tile.top + y;
      const uint64_t pixel = picture.transpose ? uint64_t{across} * format.width + down
                                               : uint64_t{down} * format.width + across;
      write_element(format, color, values.value(x, y, color), batch.target,
                    begin + (format.planar ? color * plane + pixel : 3 * pixel + color));
    }
  }
}

HR_BOTH void make_pictures(const PictureBatch& batch, const Block& block, uint16_t* shared) {
  const Picture& picture = batch.pictures[block.y];
  if (block.x >= tiles_of(batch.format, picture)) return;  // others of the batch have more
  const Tile tile(batch.format, picture, block.x);
  if (tile.words() <= batch.shared_words) {
    write_tile(batch, tile, block, SharedTile(picture, tile, shared, block));
  } else {
    write_tile(batch, tile, block, BareTile(picture, tile));
  }
}

}  // namespace headrace::kernels
