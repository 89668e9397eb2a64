// Leases end once, and tensors lie where the plan says.
#include "headrace/loader/batch.h"

#include <utility>

namespace headrace::loader {

Batch::Batch(Batch&& other) noexcept
    : lender_(std::exchange(other.lender_, nullptr)), lent_(other.lent_) {}

Batch& Batch::operator=(Batch&& other) noexcept {
  std::swap(lender_, other.lender_);
  std::swap(lent_, other.lent_);
  return *this;
}

Batch::~Batch() {
  if (lender_ != nullptr) lender_->end_lease(lent_.slot_index);
}

Tensor Batch::tensor(size_t index) const {
  const pipeline::FieldPlan& field = lent_.plan->fields.at(index);
  const uint64_t leading = lent_.leading[index];
  const uint64_t step_bytes =
      field.moves_together() ? field.row_bytes / field.spec.shape[0] : field.row_bytes;
  return {.name = field.name,
          .type = field.spec.type,
          .shape = field.tensor_shape(leading),
          .bytes = lent_.bytes.subspan(field.slot_offset_bytes, leading * step_bytes)};
}

std::vector<std::byte> Batch::in_host_memory(const Tensor& tensor) const {
  std::vector<std::byte> bytes(tensor.bytes.size());
  lender_->copy_out(lent_.slot_index, tensor.bytes, bytes);
  return bytes;
}

}  // namespace headrace::loader
