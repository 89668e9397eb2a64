// Walks the restart intervals in order: those that the region does not touch are only passed over
// to their marker; a file without intervals is one interval.
#include "headrace/jpeg/region_decoder.h"

#include <algorithm>
#include <cstring>

#include "headrace/jpeg/idct.h"
#include "headrace/jpeg/unstuff.h"

namespace headrace::jpeg {
namespace {

constexpr uint8_t k_first_restart = 0xd0, k_end_of_image = 0xd9;

// A block has at least two codes of a bit: fewer bytes cannot hold the region, so a header that
// lies about the size is found out before memory is taken.
bool can_hold(const Region& region, const McuLayout& layout, size_t coded_bytes) {
  const uint64_t mcu_count = uint64_t{region.mcu_columns.count()} * region.mcu_rows.count();
  return mcu_count * layout.block_count * 2 <= uint64_t{coded_bytes} * 8;
}

// Row of coefficients of a component's nth row of blocks in an MCU.
uint32_t row_index(uint32_t component_index, uint32_t row) {
  return component_index == 0 ? row : component_index + 1;
}

}  // namespace

void SamplePlane::reshape(const ComponentRegion& region) {
  first_column_ = region.block_columns.first * 8;
  first_row_ = region.block_rows.first * 8;
  stride_bytes_ = size_t{region.block_columns.count()} * 8 + 2 * k_margin_bytes;
  const size_t size_bytes = stride_bytes_ * region.block_rows.count() * 8 + 2 * k_margin_bytes;
  if (samples_.size() < size_bytes) samples_.resize(size_bytes);
}

template <typename Table>
std::expected<void, Failure> TableCache::load_slot(std::span<const std::byte> bytes,
                                                   const HuffmanTable& source, Slot<Table>& slot) {
  const auto segment = bytes.subspan(source.offset_bytes, 16 + source.symbol_count);
  if (slot.segment_size_bytes == segment.size() &&
      std::memcmp(slot.segment.data(), segment.data(), segment.size()) == 0) {
    return {};
  }
  slot.segment_size_bytes = 0;
  if (auto built = build_table(segment, slot.table); !built) {
    return std::unexpected(Failure{built.error().what, source.offset_bytes});
  }
  std::ranges::copy(segment, slot.segment.begin());
  slot.segment_size_bytes = segment.size();
  return {};
}

std::expected<void, Failure> TableCache::load(std::span<const std::byte> bytes,
                                              const Header& header) {
  for (uint32_t index = 0; index < header.component_count; ++index) {
    const Component& component = header.components[index];
    const uint32_t dc = component.dc_index, ac = component.ac_index;
    if (auto loaded = load_slot(bytes, header.dc_tables[dc], dc_[dc]); !loaded) return loaded;
    if (auto loaded = load_slot(bytes, header.ac_tables[ac], ac_[ac]); !loaded) return loaded;
  }
  return {};
}

void RegionDecoder::lay_out(const Header& header) {
  layout_.block_count = 0;
  for (uint32_t index = 0; index < header.component_count; ++index) {
    const Component& component = header.components[index];
    for (uint32_t row = 0; row < component.vertical; ++row) {
      const uint32_t target = row_index(index, row);
      for (uint32_t column = 0; column < component.horizontal; ++column) {
        layout_.blocks[layout_.block_count++] = {
            &tables_.dc(component.dc_index),
            &tables_.ac(component.ac_index),
            index,
            component.horizontal,
            coefficients_[target].data() + column * k_block_size,
            used_counts_[target].data() + column};
      }
    }
    for (size_t place = 0; place < k_block_size; ++place) {
      steps_[index][k_natural_order[place]] =
          static_cast<int16_t>(header.quant_tables[component.quant_index].steps[place]);
    }
  }
}

std::expected<void, Failure> RegionDecoder::decode(std::span<const std::byte> bytes,
                                                   const Header& header, const Region& region) {
  header_ = &header;
  region_ = &region;
  if (auto loaded = tables_.load(bytes, header); !loaded) return loaded;
  lay_out(header);
  size_t offset = header.scan.offset_bytes;
  if (!can_hold(region, layout_, bytes.size() - offset)) {
    return std::unexpected(Failure{"coded data are shorter than the picture", offset});
  }
  for (uint32_t index = 0; index < region.component_count; ++index) {
    planes_[index].reshape(region.components[index]);
  }
  const uint64_t interval_mcus =
      header.restart_interval_mcus > 0 ? header.restart_interval_mcus : region.mcu_count;
  uint8_t restart = k_first_restart;
  for (uint64_t mcu = 0; region.next_needed(mcu).has_value(); mcu += interval_mcus) {
    const auto marker = find_marker(bytes, offset);
    if (!marker) return std::unexpected(Failure{"coded data are cut off", bytes.size()});
    const uint64_t end = std::min(mcu + interval_mcus, region.mcu_count);
    const uint8_t due = end == region.mcu_count ? k_end_of_image : restart;
    if (bytes[*marker + 1] != static_cast<std::byte>(due)) {
      return std::unexpected(Failure{"another marker than due in the coded data", *marker});
    }
    if (*region.next_needed(mcu) < end) {
      const Interval interval{mcu, end, offset, bytes.subspan(offset, *marker - offset)};
      if (auto decoded = decode_interval(interval); !decoded) return decoded;
    }
    offset = *marker + 2;
    restart = static_cast<uint8_t>(k_first_restart | ((restart + 1) & 7));
  }
  return {};
}

std::expected<void, Failure> RegionDecoder::decode_interval(const Interval& interval) {
  const auto fail = [&](const char* what) -> std::expected<void, Failure> {
    return std::unexpected(Failure{what, interval.offset_bytes});
  };
  const size_t room_bytes = interval.coded.size() + k_entropy_slack_bytes + k_unstuff_slack_bytes;
  if (plain_.size() < room_bytes) plain_.resize(room_bytes);
  EntropyState state;
  state.reader.next = plain_.data();
  state.limit = plain_.data() + unstuff(interval.coded, plain_.data());
  uint64_t mcu = interval.first_mcu;
  while (mcu < interval.end_mcu) {
    const auto needed = region_->next_needed(mcu);
    if (!needed || *needed >= interval.end_mcu) break;
    if (!skip_mcus(state, layout_, *needed - mcu)) return fail("coded data are corrupt");
    const uint64_t column = *needed % region_->mcus_in_row;
    const uint64_t run = std::min<uint64_t>(
        {region_->mcu_columns.end - column, interval.end_mcu - *needed, k_run_mcus});
    if (!decode_mcus(state, layout_, run)) return fail("coded data are corrupt");
    if (!transform_run(*needed, static_cast<uint32_t>(run))) {
      return fail("coefficients are beyond those of 8-bit pictures");
    }
    mcu = *needed + run;
  }
  const int64_t unread_bits = state.unread_bits();
  if (unread_bits < 0) return fail("coded data are cut off");
  if (mcu == interval.end_mcu && unread_bits >= 8) return fail("coded data are too long");
  return {};
}

bool RegionDecoder::transform_run(uint64_t first_mcu, uint32_t mcu_count) {
  const auto mcu_row = static_cast<uint32_t>(first_mcu / region_->mcus_in_row);
  const auto mcu_column = static_cast<uint32_t>(first_mcu % region_->mcus_in_row);
  bool is_sound = true;
  for (uint32_t index = 0; index < region_->component_count; ++index) {
    const ComponentRegion& part = region_->components[index];
    const Component& component = header_->components[index];
    const uint32_t left = mcu_column * component.horizontal;
    const uint32_t first = std::max(left, part.block_columns.first);
    const uint32_t end = std::min(left + mcu_count * component.horizontal, part.block_columns.end);
    if (first >= end) continue;
    for (uint32_t row = 0; row < component.vertical; ++row) {
      const uint32_t block_row = mcu_row * component.vertical + row;
      if (!part.block_rows.contains(block_row)) continue;
      const uint32_t source = row_index(index, row);
      const BlockRow blocks{coefficients_[source].data() + (first - left) * k_block_size,
                            used_counts_[source].data() + (first - left), end - first,
                            steps_[index].data()};
      SamplePlane& plane = planes_[index];
      is_sound &= transform(blocks, plane.at(first * 8, block_row * 8), plane.stride_bytes());
    }
  }
  return is_sound;
}

}  // namespace headrace::jpeg
