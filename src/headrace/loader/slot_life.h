// What a batch's slot went through, as a row of a trace has it.
// Thread safety: each moment is written by who has the slot then; trace() is for who takes the slot
// next, or for who has joined all but the readers. Invariant: without a trace all moments are 0.
#pragma once

#include <atomic>
#include <cstdint>

#include "headrace/observe/trace.h"

namespace headrace::loader {

struct SlotLife {
  std::atomic<uint64_t> taken_ns{0}, ready_ns{0}, lent_ns{0}, returned_ns{0};

  // Notes the parts that are over, once.
  void trace(const observe::Tracer& row, uint64_t sequence) noexcept {
    uint64_t begin_ns = taken_ns.exchange(0);
    if (begin_ns == 0) return;
    const auto note = [&](const char* name, const std::atomic<uint64_t>& end) {
      const uint64_t end_ns = end.load();
      if (end_ns < begin_ns) return false;  // of the life before
      row.note(name, begin_ns, end_ns, sequence);
      begin_ns = end_ns;
      return true;
    };
    static_cast<void>(note("making", ready_ns) && note("ready", lent_ns) &&
                      note("lent", returned_ns));
  }
};

}  // namespace headrace::loader
