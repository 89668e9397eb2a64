// The header is what NumPy writes; no field's name leaves the folder or hides the ids.
#include "headrace/feed/dump.h"

#include <gtest/gtest.h>

#include "headrace/base/error.h"
#include "headrace/base/temp_folder.h"
#include "headrace/ops/integer.h"

namespace headrace::feed {
namespace {

TEST(NpyHeader, is_aligned_and_says_type_and_shape) {
  const std::vector<uint64_t> shape = {256, 3, 224, 224};
  const std::string header = npy_header("<f4", shape);
  EXPECT_EQ(header.size() % 64, 0u);
  EXPECT_EQ(header.substr(0, 8), std::string("\x93NUMPY\x01\0", 8));
  EXPECT_EQ(static_cast<size_t>(static_cast<unsigned char>(header[8])) + 10, header.size());
  EXPECT_NE(header.find("{'descr': '<f4', 'fortran_order': False, 'shape': (256, 3, 224, 224,), }"),
            std::string::npos);
  EXPECT_EQ(header.back(), '\n');
}

TEST(NpyHeader, of_a_vector_has_the_comma_of_a_tuple) {
  const std::vector<uint64_t> shape = {7};
  EXPECT_NE(npy_header("<u8", shape).find("'shape': (7,)"), std::string::npos);
}

struct NoLender final : loader::Lender {
  void end_lease(uint32_t) noexcept override {}
  void read_on(uint32_t, shim::CuStream) override {}
  void read_unseen(uint32_t) override {}
  void copy_out(uint32_t, std::span<const std::byte> from, std::span<std::byte> to) const override {
    std::ranges::copy(from, to.begin());
  }
};

// A batch of one row of one int64.
void dump_field(const std::string& name, const std::string& folder) {
  pipeline::Plan plan;
  pipeline::FieldPlan field{.name = name, .row_bytes = sizeof(int64_t)};
  field.op = std::make_unique<ops::Integer>(ops::IntegerOptions{});
  field.spec = field.op->output();
  plan.fields.push_back(std::move(field));
  std::array<int64_t, 1> row = {7};
  const std::array<uint64_t, 1> ids = {3}, leading = {1};
  NoLender lender;
  const loader::Batch batch(lender, {.ids = ids,
                                     .leading = leading,
                                     .bytes = std::as_writable_bytes(std::span(row)),
                                     .plan = &plan});
  dump_batch(real_files(), folder, batch);
}

TEST(Dump, a_fields_name_stays_within_the_folder) {
  const TempFolder folder;
  dump_field("a/../b c", folder.path() + "/dump");
  const auto entries = real_files().list(folder.path() + "/dump");
  ASSERT_EQ(entries->size(), 2U);
  EXPECT_EQ(entries->front().name, "batch-000000.a%2F..%2Fb%20c.npy");
  EXPECT_EQ(dump_name("50%\n"), "50%25%0A");
}

TEST(Dump, a_field_named_as_the_ids_are_is_refused_before_anything_is_written) {
  const TempFolder folder;
  EXPECT_THROW(dump_field("ids", folder.path() + "/dump"), Error);
  EXPECT_FALSE(real_files().stat(folder.path() + "/dump"));
}

}  // namespace
}  // namespace headrace::feed
