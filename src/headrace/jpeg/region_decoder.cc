// Walks the restart intervals in order: those that the region does not touch are only passed over
// to their marker; a file without intervals is one interval. Intervals that are decoded in one go
// are decoded in pairs.
#include "headrace/jpeg/region_decoder.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "headrace/jpeg/idct.h"
#include "headrace/jpeg/unstuff.h"

namespace headrace::jpeg {
namespace {

constexpr const char* k_corrupt = "coded data are corrupt";
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
  if (samples_.size() < size_bytes) samples_.resize(std::bit_ceil(size_bytes));
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

void RegionDecoder::lay_out(const Header& header, Lane& lane) {
  McuLayout& layout = lane.layout;
  layout.block_count = 0;
  for (uint32_t index = 0; index < header.component_count; ++index) {
    const Component& component = header.components[index];
    for (uint32_t row = 0; row < component.vertical; ++row) {
      const uint32_t target = row_index(index, row);
      for (uint32_t column = 0; column < component.horizontal; ++column) {
        layout.blocks[layout.block_count++] = {
            &tables_.dc(component.dc_index),
            &tables_.ac(component.ac_index),
            index,
            component.horizontal,
            lane.coefficients[target].data() + column * k_block_size,
            lane.used_counts[target].data() + column};
      }
    }
  }
}

void RegionDecoder::set_steps(const Header& header) {
  for (uint32_t index = 0; index < header.component_count; ++index) {
    const QuantTable& table = header.quant_tables[header.components[index].quant_index];
    for (size_t place = 0; place < k_block_size; ++place) {
      steps_[index][k_natural_order[place]] = static_cast<int16_t>(table.steps[place]);
    }
  }
}

RegionDecoder::Outcome RegionDecoder::decode(std::span<const std::byte> bytes, const Header& header,
                                             const Region& region) {
  header_ = &header;
  region_ = &region;
  waiting_count_ = 0;
  if (auto loaded = tables_.load(bytes, header); !loaded) return loaded;
  for (Lane& lane : lanes_) lay_out(header, lane);
  set_steps(header);
  size_t offset = header.scan.offset_bytes;
  if (!can_hold(region, lanes_[0].layout, bytes.size() - offset)) {
    return std::unexpected(Failure{"coded data are shorter than the picture", offset});
  }
  for (uint32_t index = 0; index < region.component_count; ++index) {
    planes_[index].reshape(region.components[index]);
  }
  mark(laps_, Part::header);
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
      if (auto added = add_interval(interval); !added) return added;
    }
    offset = *marker + 2;
    restart = static_cast<uint8_t>(k_first_restart | ((restart + 1) & 7));
  }
  return decode_last_waiting();
}

// The next MCUs that are needed and stand side by side; none up to `end_mcu` is none.
std::optional<RegionDecoder::Run> RegionDecoder::next_run(uint64_t mcu, uint64_t end_mcu) const {
  const auto needed = region_->next_needed(mcu);
  if (!needed || *needed >= end_mcu) return std::nullopt;
  const uint64_t column = *needed % region_->mcus_in_row;
  return Run{*needed, std::min<uint64_t>(
                          {region_->mcu_columns.end - column, end_mcu - *needed, k_run_mcus})};
}

RegionDecoder::Outcome RegionDecoder::add_interval(const Interval& interval) {
  Lane& lane = lanes_[waiting_count_];
  if (auto opened = open(lane, interval); !opened) return opened;
  if (next_run(lane.run.first_mcu + lane.run.mcu_count, interval.end_mcu)) {
    // In order: a transform also writes a block behind its last, which the next one makes good.
    if (auto decoded = decode_last_waiting(); !decoded) return decoded;
    return decode_alone(lane);
  }
  return ++waiting_count_ == lanes_.size() ? decode_waiting() : Outcome{};
}

// Up to the first MCU that is needed, of which there is one.
RegionDecoder::Outcome RegionDecoder::open(Lane& lane, const Interval& interval) {
  const size_t room_bytes = interval.coded.size() + k_entropy_slack_bytes + k_unstuff_slack_bytes;
  if (lane.plain.size() < room_bytes) lane.plain.resize(std::bit_ceil(room_bytes));
  lane.interval = interval;
  lane.state = {};
  lane.state.reader.next = lane.plain.data();
  lane.state.limit = lane.plain.data() + unstuff(interval.coded, lane.plain.data());
  mark(laps_, Part::unstuff);
  lane.run = *next_run(interval.first_mcu, interval.end_mcu);
  const uint64_t skipped = lane.run.first_mcu - interval.first_mcu;
  const bool is_sound = skip_mcus(lane.state, lane.layout, skipped);
  mark(laps_, Part::entropy);
  if (is_sound) return {};
  return std::unexpected(Failure{k_corrupt, interval.offset_bytes});
}

// All of the interval's runs.
RegionDecoder::Outcome RegionDecoder::decode_alone(Lane& lane) {
  const Failure corrupt{k_corrupt, lane.interval.offset_bytes};
  for (;;) {
    if (!decode_mcus(lane.state, lane.layout, lane.run.mcu_count)) return std::unexpected(corrupt);
    if (auto ended = end_run(lane); !ended) return ended;
    const uint64_t mcu = lane.run.first_mcu + lane.run.mcu_count;
    const auto next = next_run(mcu, lane.interval.end_mcu);
    if (!next) return close(lane);
    if (!skip_mcus(lane.state, lane.layout, next->first_mcu - mcu)) {
      return std::unexpected(corrupt);
    }
    lane.run = *next;
  }
}

RegionDecoder::Outcome RegionDecoder::decode_last_waiting() {
  if (waiting_count_ == 0) return {};
  waiting_count_ = 0;
  return decode_alone(lanes_[0]);
}

RegionDecoder::Outcome RegionDecoder::decode_waiting() {
  waiting_count_ = 0;
  auto& [first, second] = lanes_;
  if (!decode_two({&first.state, &first.layout, first.run.mcu_count},
                  {&second.state, &second.layout, second.run.mcu_count})) {
    return std::unexpected(Failure{k_corrupt, first.interval.offset_bytes});
  }
  for (Lane& lane : lanes_) {
    if (auto ended = end_run(lane); !ended) return ended;
    if (auto closed = close(lane); !closed) return closed;
  }
  return {};
}

RegionDecoder::Outcome RegionDecoder::end_run(Lane& lane) {
  mark(laps_, Part::entropy);
  const bool is_sound = transform_run(lane);
  mark(laps_, Part::transform);
  if (is_sound) return {};
  return std::unexpected(
      Failure{"coefficients are beyond those of 8-bit pictures", lane.interval.offset_bytes});
}

// After the last run.
RegionDecoder::Outcome RegionDecoder::close(const Lane& lane) const {
  const int64_t unread_bits = lane.state.unread_bits();
  const bool at_end = lane.run.first_mcu + lane.run.mcu_count == lane.interval.end_mcu;
  if (unread_bits >= 0 && !(at_end && unread_bits >= 8)) return {};
  return std::unexpected(
      Failure{unread_bits < 0 ? "coded data are cut off" : "coded data are too long",
              lane.interval.offset_bytes});
}

bool RegionDecoder::transform_run(Lane& lane) {
  const auto mcu_row = static_cast<uint32_t>(lane.run.first_mcu / region_->mcus_in_row);
  const auto mcu_column = static_cast<uint32_t>(lane.run.first_mcu % region_->mcus_in_row);
  const auto mcu_count = static_cast<uint32_t>(lane.run.mcu_count);
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
      const BlockRow blocks{lane.coefficients[source].data() + (first - left) * k_block_size,
                            lane.used_counts[source].data() + (first - left), end - first,
                            steps_[index].data()};
      SamplePlane& plane = planes_[index];
      is_sound &= transform(blocks, plane.at(first * 8, block_row * 8), plane.stride_bytes());
    }
  }
  return is_sound;
}

}  // namespace headrace::jpeg
