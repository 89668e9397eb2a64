// Which blocks and MCUs of a picture a box of pixels needs. Thread safety: pure functions.
// 1. Ranges are half open and lie inside the coded picture.
#pragma once

#include <cstdint>
#include <optional>

#include "headrace/jpeg/header.h"
#include "headrace/jpeg/image.h"

namespace headrace::jpeg {

struct Range {
  uint32_t first = 0, end = 0;
  uint32_t count() const { return end - first; }
  bool contains(uint32_t value) const { return first <= value && value < end; }
};

// Of one component: samples that are needed (inside its true size), and the blocks they lie in.
struct ComponentRegion {
  uint32_t samples_wide = 0, samples_high = 0;  // the whole component's true size
  Range sample_columns, sample_rows;
  Range block_columns, block_rows;
};

struct Region {
  ComponentRegion components[3];
  uint32_t component_count = 0;
  Range mcu_columns, mcu_rows;
  uint32_t mcus_in_row = 0;
  uint64_t mcu_count = 0;  // of the whole picture

  // The first MCU from `mcu_index` on, in the order of coding, that the box needs.
  std::optional<uint64_t> next_needed(uint64_t mcu_index) const;
};

// With context, color components also get the neighbours that upsampling mixes in. The header is of
// the kind is_own_kind() and the box lies in the picture.
enum class Context { none, upsampling };
Region region_of(const Header& header, Box box, Context context);

}  // namespace headrace::jpeg
