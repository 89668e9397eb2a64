// What holds for every operator: nothing is allocated once its scratch is warm.
#include "headrace/ops/op.h"

#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <new>
#include <string_view>

#include "headrace/ops/bytes.h"
#include "headrace/ops/image.h"
#include "headrace/ops/integer.h"
#include "headrace/ops/sample_files.h"

namespace {
std::atomic<uint64_t> allocation_count{0};
}  // namespace

void* operator new(size_t size_bytes) {
  ++allocation_count;
  void* memory = std::malloc(size_bytes);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}
void* operator new(size_t size_bytes, const std::nothrow_t&) noexcept {
  ++allocation_count;
  return std::malloc(size_bytes);
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, size_t) noexcept { std::free(memory); }

namespace headrace::ops {
namespace {

uint64_t allocations_when_warm(const Op& op, std::span<const std::byte> bytes) {
  std::vector<std::byte> row(op.output().row_bytes());
  const auto scratch = op.make_scratch();
  uint64_t before = 0;
  for (uint64_t id = 0; id < 200; ++id) {
    if (id == 100) before = allocation_count;
    EXPECT_TRUE(op.run(bytes, {.draw = {.sample_id = id % 100}}, *scratch, row).has_value());
  }
  return allocation_count - before;
}

TEST(Op, allocates_nothing_once_warm) {
  const std::string_view text = "1234";
  const auto bytes = std::as_bytes(std::span(text));
  EXPECT_EQ(allocations_when_warm(Integer({}), bytes), 0u);
  EXPECT_EQ(allocations_when_warm(Bytes({.shape = {9}, .pad = true}), bytes), 0u);
  for (const uint8_t exif : {uint8_t{1}, uint8_t{6}}) {
    const std::vector<std::byte> file = encode_jpeg(sample_pixels(400, 300), exif);
    EXPECT_EQ(allocations_when_warm(Image({.flip_probability = 0.5}), file), 0u);
  }
}

}  // namespace
}  // namespace headrace::ops
