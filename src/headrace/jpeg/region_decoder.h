// The coded part of a region to planes of samples: intervals, entropy decoding, inverse transform.
// Thread safety: one decoder a thread; its buffers grow and stay.
// 1. A plane holds the region's blocks of its component; margins to the left and right of each row
//    may be written by the next step.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "headrace/base/laps.h"
#include "headrace/jpeg/entropy.h"
#include "headrace/jpeg/header.h"
#include "headrace/jpeg/huffman_table.h"
#include "headrace/jpeg/region.h"

namespace headrace::jpeg {

// Whole blocks, with room around.
class SamplePlane {
 public:
  static constexpr size_t k_margin_bytes = 64;

  void reshape(const ComponentRegion& region);
  size_t stride_bytes() const { return stride_bytes_; }
  // Where a sample of the picture's component stands; the blocks cover it.
  uint8_t* at(uint32_t column, uint32_t row) {
    return samples_.data() + k_margin_bytes + (row - first_row_) * stride_bytes_ +
           (column - first_column_);
  }

 private:
  std::vector<uint8_t> samples_;
  size_t stride_bytes_ = 0;
  uint32_t first_column_ = 0, first_row_ = 0;
};

// Built tables, kept as long as the next file has the same segments.
class TableCache {
 public:
  std::expected<void, Failure> load(std::span<const std::byte> bytes, const Header& header);
  const DcTable& dc(uint32_t index) const { return dc_[index].table; }
  const AcTable& ac(uint32_t index) const { return ac_[index].table; }

 private:
  template <typename Table>
  struct Slot {
    std::array<std::byte, 16 + 256> segment = {};
    size_t segment_size_bytes = 0;  // 0 = nothing built
    Table table;
  };
  template <typename Table>
  static std::expected<void, Failure> load_slot(std::span<const std::byte> bytes,
                                                const HuffmanTable& source, Slot<Table>& slot);

  std::array<Slot<DcTable>, k_max_tables> dc_;
  std::array<Slot<AcTable>, k_max_tables> ac_;
};

class RegionDecoder {
 public:
  // The header is_own_kind() and the region was made from it.
  std::expected<void, Failure> decode(std::span<const std::byte> bytes, const Header& header,
                                      const Region& region);
  SamplePlane& plane(uint32_t component_index) { return planes_[component_index]; }
  void record(Laps* laps) { laps_ = laps; }

 private:
  // MCUs decoded before they are transformed: their coefficients stay in the first-level cache.
  static constexpr uint32_t k_run_mcus = 16;
  // Four rows of at most 32 blocks, each with slack.
  static constexpr size_t k_row_blocks = 2 * k_run_mcus + 2;
  struct Interval {
    uint64_t first_mcu = 0, end_mcu = 0;
    size_t offset_bytes = 0;
    std::span<const std::byte> coded;
  };
  // MCUs that are needed, of one row.
  struct Run {
    uint64_t first_mcu = 0, mcu_count = 0;
  };
  // An interval under way.
  struct Lane {
    Interval interval;
    Run run;
    EntropyState state;
    McuLayout layout;
    std::vector<uint8_t> plain;  // the interval without its stuffing
    // Rows of blocks: two of the first component, one of each other.
    std::array<std::array<int16_t, k_row_blocks * k_block_size>, 4> coefficients = {};
    std::array<std::array<uint8_t, k_row_blocks>, 4> used_counts = {};
  };
  using Outcome = std::expected<void, Failure>;

  void lay_out(const Header& header, Lane& lane);
  void set_steps(const Header& header);
  std::optional<Run> next_run(uint64_t mcu, uint64_t end_mcu) const;
  Outcome add_interval(const Interval& interval);
  Outcome open(Lane& lane, const Interval& interval);
  Outcome decode_alone(Lane& lane);
  Outcome decode_waiting();       // both lanes
  Outcome decode_last_waiting();  // the one that found no partner, if there is one
  Outcome end_run(Lane& lane);
  Outcome close(const Lane& lane) const;
  bool transform_run(Lane& lane);

  Laps* laps_ = nullptr;
  TableCache tables_;
  const Region* region_ = nullptr;
  const Header* header_ = nullptr;
  std::array<SamplePlane, 3> planes_;
  std::array<std::array<int16_t, k_block_size>, 3> steps_ = {};
  // Intervals whose need is one run wait for each other and are decoded two at a time.
  std::array<Lane, 2> lanes_;
  size_t waiting_count_ = 0;
};

}  // namespace headrace::jpeg
