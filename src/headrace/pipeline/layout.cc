// Where each field's rows lie in a slot.
#include "headrace/pipeline/plan.h"

namespace headrace::pipeline {
namespace {

constexpr size_t k_field_alignment_bytes = 64;  // a cache line, and the widest vector

}  // namespace

std::vector<uint64_t> FieldPlan::tensor_shape(uint64_t leading) const {
  std::vector<uint64_t> shape = {leading};
  shape.insert(shape.end(), spec.shape.begin() + (moves_together() ? 1 : 0), spec.shape.end());
  return shape;
}

void lay_out(Plan& plan, uint32_t batch_size) {
  size_t offset_bytes = 0;
  for (uint32_t index = 0; index < plan.fields.size(); ++index) {
    FieldPlan& field = plan.fields[index];
    field.spec = field.op->output();
    field.row_bytes = field.spec.row_bytes();
    field.operator_index = index;
    field.slot_offset_bytes = offset_bytes;
    const size_t rows_bytes = field.row_bytes * (batch_size + size_t{field.becomes_offsets});
    offset_bytes += (rows_bytes + k_field_alignment_bytes - 1) / k_field_alignment_bytes *
                    k_field_alignment_bytes;
  }
  plan.slot_bytes = offset_bytes;
}

}  // namespace headrace::pipeline
