// Rows are contiguous, fields are aligned, and nothing overlaps.
#include <gtest/gtest.h>

#include "headrace/ops/bytes.h"
#include "headrace/ops/integer.h"
#include "headrace/pipeline/plan.h"

namespace headrace::pipeline {
namespace {

TEST(Layout, gives_each_field_its_own_aligned_rows) {
  Plan plan;
  for (const uint64_t row_bytes : {1, 7, 64, 100}) {
    plan.fields.push_back(
        {.op = std::make_unique<ops::Bytes>(ops::BytesOptions{.shape = {row_bytes}})});
  }
  plan.fields.push_back({.op = std::make_unique<ops::Integer>(ops::IntegerOptions{})});
  lay_out(plan, 13);
  size_t end_bytes = 0;
  for (uint32_t index = 0; index < plan.fields.size(); ++index) {
    const FieldPlan& field = plan.fields[index];
    EXPECT_EQ(field.slot_offset_bytes % 64, 0);
    EXPECT_GE(field.slot_offset_bytes, end_bytes);
    EXPECT_EQ(field.operator_index, index);
    end_bytes = field.slot_offset_bytes + 13 * field.row_bytes;
  }
  EXPECT_GE(plan.slot_bytes, end_bytes);
  EXPECT_LT(plan.slot_bytes, end_bytes + 64);
}

}  // namespace
}  // namespace headrace::pipeline
