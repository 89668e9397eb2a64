// A lease ends once, wherever its batch was moved.
#include "headrace/loader/batch.h"

#include <gtest/gtest.h>

#include "headrace/loader/fixture.h"

namespace headrace::loader {
namespace {

class CountingLender final : public Lender {
 public:
  void end_lease(uint32_t slot_index) noexcept override { ended.push_back(slot_index); }
  void read_on(uint32_t, shim::CuStream) override {}
  void read_unseen(uint32_t) override {}
  void copy_out(uint32_t, std::span<const std::byte> from, std::span<std::byte> to) const override {
    std::ranges::copy(from, to.begin());
  }
  std::vector<uint32_t> ended;
};

TEST(Batch, ends_its_lease_once_wherever_it_was_moved) {
  const pipeline::Plan plan = stamp_plan(4);
  CountingLender lender;
  {
    Batch first(lender, {.slot_index = 1, .plan = &plan});
    Batch second(lender, {.slot_index = 2, .plan = &plan});
    Batch moved(std::move(first));
    second = std::move(moved);
  }
  EXPECT_EQ(lender.ended.size(), 2u);
  EXPECT_EQ(lender.ended[0] + lender.ended[1], 3u);
}

TEST(Batch, has_a_tensor_of_its_rows_where_the_plan_says) {
  const pipeline::Plan plan = stamp_plan(4);
  std::vector<std::byte> bytes(plan.slot_bytes);
  bytes[plan.fields[1].slot_offset_bytes + 2] = std::byte{7};
  const std::vector<uint64_t> ids = {5, 6, 7};
  const std::vector<uint64_t> leading(plan.fields.size(), 3);
  CountingLender lender;
  const Batch batch(
      lender, {.slot_index = 0, .ids = ids, .leading = leading, .bytes = bytes, .plan = &plan});
  EXPECT_EQ(batch.row_count(), 3u);
  const Tensor digits = batch.tensor(1);
  EXPECT_EQ(digits.shape, (std::vector<uint64_t>{3}));
  EXPECT_EQ(batch.in_host_memory(digits).at(2), std::byte{7});
}

}  // namespace
}  // namespace headrace::loader
