// What a batch's work on the device took, stage by stage: an event behind each piece of it, read
// when the work has passed, so that nobody waits for a measurement.
// Thread safety: StageMarks one thread; StageTotals one writer, any reader. Invariants: 1. a
// piece's time is from the event before it to its own, in one stream; 2. memory and events are
// taken at birth.
#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdint>
#include <vector>

#include "headrace/device/stream.h"

namespace headrace::loader {

enum class DeviceStage : uint8_t { copy, decode, unpack, kernel };
inline constexpr size_t k_device_stage_count = 4;
const char* name_of(DeviceStage stage);  // as verdicts and traces spell it

struct StageSum {
  uint64_t busy_ns = 0;
  uint64_t row_count = 0;
};
using StageSums = std::array<StageSum, k_device_stage_count>;

// Of one batch.
struct DevicePiece {
  DeviceStage stage = DeviceStage::copy;
  uint32_t row_count = 0;
  double busy_s = 0;
};

struct StageMarksOptions {
  uint32_t slot_count = 1;
  uint32_t piece_count = 1;  // of a batch, at most
};

class StageMarks {
 public:
  StageMarks(const device::Device& device, const StageMarksOptions& options);  // throws Error

  // Throw Error.
  void begin(uint32_t slot_index, shim::CuStream stream);
  // The stream's work since the mark before was `stage`'s, for so many rows.
  struct Work {
    DeviceStage stage = DeviceStage::copy;
    uint32_t row_count = 0;
  };
  void end(uint32_t slot_index, const Work& work, shim::CuStream stream);
  // Of the batch that began last, whose work has passed.
  const std::vector<DevicePiece>& read(uint32_t slot_index);
  const device::Event& began(uint32_t slot_index) const { return slots_[slot_index].began; }

 private:
  struct Slot {
    device::Event began;
    std::vector<device::Event> ended;
    std::vector<Work> works;  // as ended, those of the batch
  };
  std::vector<Slot> slots_;
  std::vector<DevicePiece> pieces_;
};

// When the events of one stream passed, by the host's clock. Thread safety: one thread.
class DeviceClock {
 public:
  DeviceClock(const device::Device& device, device::Stream& stream);  // throws Error
  // Of an event that has passed, to a four-millionth of the time since this clock's birth; 0 where
  // the device does not say.
  uint64_t host_ns_of(const device::Event& event) const noexcept;
  // The same of events in a stream's order, which rounding does not turn around.
  uint64_t next_host_ns(const device::Event& event) noexcept {
    return latest_ns_ = std::max(latest_ns_, host_ns_of(event));
  }
  void passed_until(uint64_t host_ns) noexcept { latest_ns_ = std::max(latest_ns_, host_ns); }

 private:
  const shim::CudaDriver& driver_;
  device::Event zero_;
  uint64_t zero_ns_ = 0;
  uint64_t latest_ns_ = 0;
};

StageSums sums_of(const std::vector<DevicePiece>& pieces);
uint64_t busy_ns_of(const StageSums& sums);  // of all stages

// Of all batches.
class StageTotals {
 public:
  void add(const StageSums& sums) noexcept;
  StageSums read() const noexcept;

 private:
  struct Cell {
    std::atomic<uint64_t> busy_ns{0}, row_count{0};
  };
  std::array<Cell, k_device_stage_count> cells_;
};

}  // namespace headrace::loader
