// As jpeg/region_decoder.cc does it for one picture.
#include "headrace/kernels/jpeg_plan.h"

#include <algorithm>

#include "headrace/jpeg/huffman_table.h"
#include "headrace/jpeg/unstuff.h"

namespace headrace::kernels {
namespace {

constexpr uint8_t k_first_restart_code = 0xd0, k_end_code = 0xd9;
// A block takes two bits at least: a code each for the first coefficient and the end.
constexpr uint64_t k_blocks_a_byte = 4;

std::unexpected<jpeg::Failure> failed(const char* what, uint64_t offset_bytes) {
  return std::unexpected(jpeg::Failure{what, offset_bytes});
}

JpegPicture lay_out_picture(const jpeg::Header& header) {
  JpegPicture picture{.width = header.width,
                      .height = header.height,
                      .component_count = header.component_count,
                      .mcus_in_row = header.mcus_in_row()};
  const bool is_alone = header.component_count == 1;
  for (uint32_t index = 0; index < header.component_count; ++index) {
    const jpeg::Component& component = header.components[index];
    JpegPart& part = picture.parts[index];
    part.horizontal = is_alone ? 1 : component.horizontal;
    part.vertical = is_alone ? 1 : component.vertical;
    const uint32_t most_across = is_alone ? 1 : header.max_horizontal();
    const uint32_t most_down = is_alone ? 1 : header.max_vertical();
    part.blocks_wide = header.mcus_in_row() * part.horizontal;
    part.blocks_high = header.mcu_rows() * part.vertical;
    part.samples_wide = (header.width * part.horizontal + most_across - 1) / most_across;
    part.samples_high = (header.height * part.vertical + most_down - 1) / most_down;
    const jpeg::QuantTable& table = header.quant_tables[component.quant_index];
    for (size_t place = 0; place < 64; ++place) {
      part.steps[place] = static_cast<int16_t>(table.steps[place]);
    }
    picture.block_count += part.blocks_wide * part.blocks_high;
  }
  return picture;
}

// Short codes follow each other, so their places fill from the start.
void fill_short_codes(std::span<const std::byte> segment, EntropyTable& table) {
  uint16_t* next = table.short_codes;
  size_t symbol_index = 16;
  for (uint32_t length = 1; length <= k_short_code_bits; ++length) {
    for (auto left = static_cast<uint32_t>(segment[length - 1]); left > 0; --left) {
      const auto symbol = static_cast<uint32_t>(segment[symbol_index++]);
      const uint32_t repeat = 1u << (k_short_code_bits - length);
      std::fill_n(next, repeat, static_cast<uint16_t>(length | symbol << 8));
      next += repeat;
    }
  }
}

}  // namespace

void JpegPlan::clear() {
  pictures_.clear();
  intervals_.clear();
  tables_.clear();
  block_count_ = 0;
  launch_ = {};
}

std::expected<void, jpeg::Failure> JpegPlan::add(std::span<const std::byte> bytes,
                                                 uint64_t offset_bytes, uint8_t* pixels) {
  const auto header = jpeg::parse_header(bytes);
  if (!header) return std::unexpected(header.error());
  if (!jpeg::is_own_kind(*header)) return failed("not of the kind that the kernels take", 0);
  JpegPicture picture = lay_out_picture(*header);
  if (picture.block_count / k_blocks_a_byte > bytes.size()) {
    return failed("coded data are shorter than the picture", header->scan.offset_bytes);
  }
  const size_t tables_before = tables_.size(), intervals_before = intervals_.size();
  auto added = add_tables(bytes, *header, picture);
  if (added) added = add_intervals(bytes, *header, offset_bytes);
  if (!added) {
    tables_.resize(tables_before);
    intervals_.resize(intervals_before);
    return added;
  }
  picture.pixels = pixels;
  for (uint32_t index = 0; index < picture.component_count; ++index) {
    picture.parts[index].first_block = block_count_;
    block_count_ += uint64_t{picture.parts[index].blocks_wide} * picture.parts[index].blocks_high;
  }
  launch_.most_blocks = std::max(launch_.most_blocks, picture.block_count);
  launch_.most_pixels = std::max(launch_.most_pixels, uint64_t{picture.width} * picture.height);
  pictures_.push_back(picture);
  return {};
}

std::expected<void, jpeg::Failure> JpegPlan::add_tables(std::span<const std::byte> bytes,
                                                        const jpeg::Header& header,
                                                        JpegPicture& picture) {
  for (uint32_t index = 0; index < picture.component_count; ++index) {
    const jpeg::Component& component = header.components[index];
    const auto dc = add_table(bytes, header.dc_tables[component.dc_index], true);
    if (!dc) return std::unexpected(dc.error());
    const auto ac = add_table(bytes, header.ac_tables[component.ac_index], false);
    if (!ac) return std::unexpected(ac.error());
    picture.parts[index].dc_table = *dc;
    picture.parts[index].ac_table = *ac;
  }
  return {};
}

std::expected<uint32_t, jpeg::Failure> JpegPlan::add_table(std::span<const std::byte> bytes,
                                                           const jpeg::HuffmanTable& source,
                                                           bool is_dc) {
  const auto segment = bytes.subspan(source.offset_bytes, 16 + source.symbol_count);
  jpeg::CanonicalCode code;
  if (const auto built = jpeg::build_code(segment, code); !built) {
    return failed(built.error().what, source.offset_bytes);
  }
  const auto is_too_long = [](std::byte symbol) { return static_cast<uint32_t>(symbol) > 11; };
  if (is_dc && std::ranges::any_of(segment.subspan(16), is_too_long)) {
    return failed("Huffman table has a DC symbol above 11", source.offset_bytes);
  }
  EntropyTable& table = tables_.emplace_back();
  fill_short_codes(segment, table);
  std::ranges::copy(code.limits, table.limits);
  std::ranges::copy(code.offsets, table.offsets);
  std::ranges::copy(code.symbols, table.symbols);
  return static_cast<uint32_t>(tables_.size() - 1);
}

std::expected<void, jpeg::Failure> JpegPlan::add_intervals(std::span<const std::byte> bytes,
                                                           const jpeg::Header& header,
                                                           uint64_t offset_bytes) {
  const uint32_t mcu_count = header.mcus_in_row() * header.mcu_rows();
  const uint32_t length =
      header.restart_interval_mcus > 0 ? header.restart_interval_mcus : mcu_count;
  size_t offset = header.scan.offset_bytes;
  uint32_t restart = 0;
  for (uint32_t mcu = 0; mcu < mcu_count; ++restart) {
    const uint32_t count = std::min(length, mcu_count - mcu);
    const auto marker = jpeg::find_marker(bytes, offset);
    if (!marker) return failed("coded data are cut off", bytes.size());
    const uint32_t due =
        mcu + count == mcu_count ? k_end_code : k_first_restart_code | (restart & 7);
    if (static_cast<uint32_t>(bytes[*marker + 1]) != due) {
      return failed("another marker than due in the coded data", *marker);
    }
    intervals_.push_back({.offset_bytes = offset_bytes + offset,
                          .size_bytes = static_cast<uint32_t>(*marker - offset),
                          .picture_index = static_cast<uint32_t>(pictures_.size()),
                          .first_mcu = mcu,
                          .mcu_count = count});
    offset = *marker + 2;
    mcu += count;
  }
  return {};
}

}  // namespace headrace::kernels
