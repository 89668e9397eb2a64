// A batch on loan, wherever it lies, and the face of what lends it.
// Thread safety: a batch belongs to one thread at a time; its end may be any thread's. Invariants:
// 1. a lent slot stays as it is until its lease ends. 2. On a device `bytes` are addresses there
// that the host may only pass on.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "headrace/pipeline/plan.h"
#include "headrace/shim/cuda.h"

namespace headrace::loader {

// Row-major, contiguous; `shape` starts with the batch's row count, or with the offsets or elements
// that its ragged rows have. Borrowed from the batch.
struct Tensor {
  std::string_view name;
  ops::Type type = ops::Type::uint8;
  std::vector<uint64_t> shape;
  std::span<std::byte> bytes;
};

// What is known of a lent slot, the same all through its lease.
struct Lent {
  uint32_t slot_index = 0;
  uint64_t sequence = 0;
  uint64_t epoch = 0;
  std::span<const uint64_t> ids = {};
  std::span<const uint64_t> leading = {};  // first dimension of each tensor
  std::span<std::byte> bytes = {};
  const pipeline::Plan* plan = nullptr;
};

class Lender {
 public:
  virtual void end_lease(uint32_t slot_index) noexcept = 0;
  virtual void read_on(uint32_t slot_index, shim::CuStream reader) = 0;
  virtual void read_unseen(uint32_t slot_index) = 0;
  virtual void copy_out(uint32_t slot_index, std::span<const std::byte> from,
                        std::span<std::byte> to) const = 0;

 protected:
  ~Lender() = default;
};

// A lease of one whole batch; its memory goes back when it dies. Moves, does not copy.
class Batch {
 public:
  Batch(Lender& lender, const Lent& lent) : lender_(&lender), lent_(lent) {}
  Batch(Batch&& other) noexcept;
  Batch& operator=(Batch&& other) noexcept;
  ~Batch();

  uint64_t sequence() const { return lent_.sequence; }  // 0, 1, ... of this run
  uint64_t epoch() const { return lent_.epoch; }
  // The last batch of an epoch, or one with skipped rows, is shorter.
  uint32_t row_count() const { return static_cast<uint32_t>(lent_.ids.size()); }
  std::span<const uint64_t> ids() const { return lent_.ids; }  // a row each; always host memory
  std::span<const uint64_t> leading() const { return lent_.leading; }
  size_t tensor_count() const { return lent_.plan->fields.size(); }
  Tensor tensor(size_t index) const;  // one a field, in the job's order
  // All tensors, as pipeline/plan.h lays them out.
  std::span<const std::byte> bytes() const { return lent_.bytes; }
  std::vector<std::byte> in_host_memory(const Tensor& tensor) const;  // throws Error

  // On a device: the work that `reader` gets from now on starts when the batch is there, and the
  // slot is written again behind the work that it has when the lease ends; so the stream must live
  // as long. Throws Error.
  void read_on(shim::CuStream reader) { lender_->read_on(lent_.slot_index, reader); }
  // Somebody reads it who names no stream: this waits for the copy, and the lease's end for the
  // whole device. Throws Error.
  void read_unseen() { lender_->read_unseen(lent_.slot_index); }

 private:
  Lender* lender_;
  Lent lent_;
};

}  // namespace headrace::loader
