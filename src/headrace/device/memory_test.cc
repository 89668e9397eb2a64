// Device memory and pinned pages: taken, given back, refused.
#include "headrace/device/memory.h"

#include <gmock/gmock.h>

#include "headrace/device/fixture.h"
#include "headrace/memory/arena.h"

namespace headrace::device {
namespace {

using testing::HasSubstr;
using MemoryTest = StandInDevice;

TEST_F(MemoryTest, is_taken_and_given_back) {
  const DeviceMemory memory(device(), 1 << 20);
  EXPECT_NE(memory.address(), 0u);
  const memory::Arena arena({.size_bytes = 1 << 20});
  const PinnedRange pinned(device(), arena.bytes());
  EXPECT_EQ(faults_.buffers, 2);
}

TEST_F(MemoryTest, says_how_much_the_device_did_not_have) {
  faults_.memory_error = shim::k_cu_out_of_memory;
  const std::string error = error_of([&] { const DeviceMemory none(device(), 3 << 20); });
  EXPECT_THAT(error, HasSubstr("cannot take 3.00 MiB of the memory of cuda:0"));
  EXPECT_THAT(error, HasSubstr("CUDA_ERROR_OUT_OF_MEMORY; hint: a smaller batch"));
}

TEST_F(MemoryTest, says_how_much_could_not_be_pinned) {
  const memory::Arena arena({.size_bytes = 8192});
  faults_.buffer_error = shim::k_cu_out_of_memory;
  const std::string error = error_of([&] { const PinnedRange none(device(), arena.bytes()); });
  EXPECT_THAT(error, HasSubstr("cannot pin 8.00 KiB for cuda:0"));
}

}  // namespace
}  // namespace headrace::device
