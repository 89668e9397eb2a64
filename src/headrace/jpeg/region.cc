// All divisions of box arithmetic in one place; 64 bits where a product could leave 32.
#include "headrace/jpeg/region.h"

#include <algorithm>

namespace headrace::jpeg {
namespace {

struct Axis {
  uint32_t first = 0, size = 0;  // of the box
  uint32_t picture_size = 0;
  uint32_t step = 1;  // pixels a sample
};

Range samples_of(const Axis& axis, Context context) {
  const uint32_t all = (axis.picture_size + axis.step - 1) / axis.step;
  Range range{axis.first / axis.step, (axis.first + axis.size - 1) / axis.step + 1};
  if (context == Context::upsampling && axis.step > 1) {
    range.first -= range.first > 0 ? 1 : 0;
    range.end = std::min(range.end + 1, all);
  }
  return range;
}

Range blocks_of(const Range& samples) { return {samples.first / 8, (samples.end + 7) / 8}; }

void widen(Range& mcus, const Range& blocks, uint32_t factor) {
  mcus.first = std::min(mcus.first, blocks.first / factor);
  mcus.end = std::max(mcus.end, (blocks.end + factor - 1) / factor);
}

}  // namespace

Region region_of(const Header& header, Box box, Context context) {
  Region region;
  region.component_count = header.component_count;
  region.mcus_in_row = header.mcus_in_row();
  region.mcu_count = uint64_t{region.mcus_in_row} * header.mcu_rows();
  region.mcu_columns = region.mcu_rows = {UINT32_MAX, 0};
  for (uint32_t index = 0; index < header.component_count; ++index) {
    const Component& component = header.components[index];
    ComponentRegion& part = region.components[index];
    const uint32_t step_x = header.max_horizontal() / component.horizontal;
    const uint32_t step_y = header.max_vertical() / component.vertical;
    part.samples_wide = (header.width + step_x - 1) / step_x;
    part.samples_high = (header.height + step_y - 1) / step_y;
    part.sample_columns = samples_of({box.x, box.width, header.width, step_x}, context);
    part.sample_rows = samples_of({box.y, box.height, header.height, step_y}, context);
    part.block_columns = blocks_of(part.sample_columns);
    part.block_rows = blocks_of(part.sample_rows);
    widen(region.mcu_columns, part.block_columns, component.horizontal);
    widen(region.mcu_rows, part.block_rows, component.vertical);
  }
  return region;
}

std::optional<uint64_t> Region::next_needed(uint64_t mcu_index) const {
  uint64_t row = mcu_index / mcus_in_row, column = mcu_index % mcus_in_row;
  if (column >= mcu_columns.end) {
    ++row;
    column = 0;
  }
  if (row < mcu_rows.first) {
    row = mcu_rows.first;
    column = 0;
  }
  if (row >= mcu_rows.end) return std::nullopt;
  return row * mcus_in_row + std::max<uint64_t>(column, mcu_columns.first);
}

}  // namespace headrace::jpeg
