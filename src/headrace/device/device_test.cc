// Devices by name, and what is said when one does not open.
#include "headrace/device/device.h"

#include <gmock/gmock.h>

#include "headrace/device/fixture.h"

namespace headrace::device {
namespace {

using testing::HasSubstr;
using DeviceTest = StandInDevice;

TEST_F(DeviceTest, has_a_name_and_memory) {
  EXPECT_EQ(device().label(), "cuda:0 (stand-in)");
  EXPECT_EQ(device().memory_bytes(), uint64_t{1} << 30);
  device().use();
}

TEST_F(DeviceTest, says_how_to_get_a_driver_that_is_not_there) {
  const std::string error = error_of([] { const Device none({.library = "libnowhere.so.1"}); });
  EXPECT_THAT(error, HasSubstr("libnowhere.so.1"));
  EXPECT_THAT(error, HasSubstr("install NVIDIA's driver"));
}

TEST_F(DeviceTest, says_that_there_is_no_such_device) {
  DeviceOptions second = options();
  second.ordinal = 1;
  const std::string error = error_of([&] { const Device none(second); });
  EXPECT_THAT(error, HasSubstr("cannot open the device cuda:1: error 101"));
  EXPECT_THAT(error, HasSubstr("nvidia-smi -L"));
}

TEST_F(DeviceTest, names_the_error_of_a_driver_that_does_not_start_or_gives_no_context) {
  faults_.driver_error = 2;
  EXPECT_THAT(error_of([&] { device(); }), HasSubstr("CUDA_ERROR_OUT_OF_MEMORY"));
  faults_.driver_error = 0;
  faults_.register_error = 719;
  EXPECT_THAT(error_of([&] { device(); }), HasSubstr("CUDA_ERROR_LAUNCH_FAILED"));
}

TEST(ParseDevice, takes_cuda_and_its_number_and_nothing_else) {
  EXPECT_EQ(parse_device("cuda").ordinal, 0u);
  EXPECT_EQ(parse_device("cuda:3").ordinal, 3u);
  for (const char* wrong : {"", "cpu", "cuda:", "cuda:x", "cuda:1x", "cuda:-1", "cuda:99999"}) {
    EXPECT_THROW(parse_device(wrong), Error) << wrong;
  }
}

}  // namespace
}  // namespace headrace::device
