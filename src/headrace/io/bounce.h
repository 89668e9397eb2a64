// Storage to device memory through k slots of host memory: while one slot is being copied, others
// are being read, which cuFile's compatibility mode does not do. Thread safety: one owner thread;
// copies report from a thread of the driver's. Invariants: (1) a slot is free, being read, or being
// copied; (2) an operation has one slot at most, and its next part follows when that is done.
#pragma once

#include <vector>

#include "headrace/io/arrivals.h"
#include "headrace/io/cufile.h"
#include "headrace/io/queued_ring.h"
#include "headrace/memory/arena.h"
#include "headrace/shim/cufile.h"

namespace headrace::io {

class BounceRing final : public QueuedRing {
 public:
  static std::expected<std::unique_ptr<Ring>, std::string> make(
      const RingOptions& options, const CuFileOptions& cufile,
      std::unique_ptr<shim::CudaDriver> driver);
  ~BounceRing() override;

 private:
  struct Slot {
    std::span<std::byte> bytes;
    shim::CuStream stream = nullptr;
    uint32_t index = 0;  // the operation that it serves
    int64_t result = 0;
    uint32_t number = 0;
    Arrivals* arrivals = nullptr;
  };
  BounceRing(const RingOptions& options, const CuFileOptions& cufile,
             std::unique_ptr<shim::CudaDriver> driver);
  void serve(size_t least, uint64_t deadline_ns) override;
  void begin(uint32_t index);
  void copy(Slot& slot, const Done& done);
  void free(Slot& slot);
  static void copied(void* slot);

  std::unique_ptr<shim::CudaDriver> driver_;
  memory::Arena arena_;
  std::vector<Slot> slots_;
  IndexQueue free_;
  std::unique_ptr<Ring> host_;  // reads into the slots
  std::vector<Done> done_;
  size_t copying_ = 0;
  Arrivals arrivals_;
};

}  // namespace headrace::io
