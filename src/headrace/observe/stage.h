// Where a thread's time goes: nanoseconds and items a stage, kept by the thread itself and read by
// others. Thread safety: one writer; any reader (relaxed atomics, so a reading is a moment old,
// never torn).
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

#include "headrace/base/clock.h"

namespace headrace::observe {

enum class Stage : uint8_t { storage, decode, resize, other, copy, consumer };
inline constexpr size_t k_stage_count = 6;
const char* name_of(Stage stage);

class StageTimes {
 public:
  void add(Stage stage, uint64_t busy_ns, uint64_t item_count) {
    Cell& cell = cells_[static_cast<size_t>(stage)];
    cell.busy_ns.store(cell.busy_ns.load(std::memory_order_relaxed) + busy_ns,
                       std::memory_order_relaxed);
    cell.items.store(cell.items.load(std::memory_order_relaxed) + item_count,
                     std::memory_order_relaxed);
  }
  uint64_t busy_ns(Stage stage) const {
    return cells_[static_cast<size_t>(stage)].busy_ns.load(std::memory_order_relaxed);
  }
  uint64_t items(Stage stage) const {
    return cells_[static_cast<size_t>(stage)].items.load(std::memory_order_relaxed);
  }

 private:
  struct Cell {
    std::atomic<uint64_t> busy_ns{0};
    std::atomic<uint64_t> items{0};
  };
  alignas(64) std::array<Cell, k_stage_count> cells_;
};

}  // namespace headrace::observe
