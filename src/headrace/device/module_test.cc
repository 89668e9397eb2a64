// Kernels by name: launched in a stream's order, or refused with the driver's word for it.
#include "headrace/device/module.h"

#include <gmock/gmock.h>

#include "headrace/device/fixture.h"
#include "headrace/device/stream.h"

namespace headrace::device {
namespace {

using testing::HasSubstr;

class ModuleTest : public StandInDevice {
 protected:
  std::vector<std::byte> image_ = std::vector<std::byte>(16);
};

TEST_F(ModuleTest, says_that_a_build_has_no_kernels) {
  EXPECT_THAT(error_of([&] { const Module none(device(), {}); }),
              HasSubstr("this build has none; hint: build with CUDA's nvcc"));
}

TEST_F(ModuleTest, does_not_know_a_kernel_that_is_not_in_it) {
  const Module module(device(), image_);
  EXPECT_THAT(error_of([&] { module.function("nothing"); }),
              HasSubstr("cannot find a kernel of cuda:0 (stand-in): CUDA_ERROR_NOT_FOUND"));
}

TEST_F(ModuleTest, says_which_error_a_launch_ended_in) {
  const Module module(device(), image_);
  const Stream stream(device());
  const shim::CuFunction function = module.function("hr_nothing");
  module.launch(function, {}, stream.handle(), 1);
  faults_.submit_errors = 1;
  EXPECT_THAT(error_of([&] { module.launch(function, {}, stream.handle(), 1); }),
              HasSubstr("cannot start a kernel on cuda:0"));
}

}  // namespace
}  // namespace headrace::device
