// Launches end to end over the stand-in for libcuda, whose kernels are the host twins: what goes
// up, is made there and comes back is what the twin makes.
#include "headrace/kernels/launcher.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>

#include "headrace/device/fixture.h"
#include "headrace/device/memory.h"
#include "headrace/device/stream.h"

namespace headrace::kernels {
namespace {

using testing::HasSubstr;

class LauncherTest : public device::StandInDevice {
 protected:
  LauncherTest() {
    for (size_t i = 0; i < pixels_.size(); ++i) pixels_[i] = static_cast<uint8_t>(i * 31 % 251);
  }
  Picture picture(const uint8_t* pixels) const {
    return {pixels, 150, ops::whole_axis(50, 16), ops::whole_axis(40, 9)};
  }
  std::vector<uint8_t> pixels_ = std::vector<uint8_t>(size_t{150} * 40);
  const PictureFormat format_{.width = 16, .height = 9, .element = Element::uint8};
  std::vector<std::byte> code_ = std::vector<std::byte>(16);
};

TEST_F(LauncherTest, makes_on_a_device_what_the_host_twin_makes) {
  const Launcher launcher(device(), code_);
  const device::DeviceMemory source(device(), pixels_.size());
  const device::DeviceMemory list(device(), sizeof(Picture));
  const device::DeviceMemory target(device(), 3 * 16 * 9);
  const auto on_device = [](shim::CuAddress address) { return reinterpret_cast<void*>(address); };
  const std::vector<Picture> there = {picture(static_cast<uint8_t*>(on_device(source.address())))};
  PictureBatch batch{.pictures = static_cast<Picture*>(on_device(list.address())),
                     .picture_count = 1,
                     .target = static_cast<std::byte*>(on_device(target.address())),
                     .format = format_};
  const PictureLaunch launch = plan_launch(there, batch);
  std::vector<std::byte> result(target.size_bytes()), expected(target.size_bytes());
  {
    device::Stream stream(device());
    const auto& driver = device().driver();
    device().check(
        driver.copy_to_device(source.address(), pixels_.data(), pixels_.size(), stream.handle()),
        "cannot copy");
    device().check(
        driver.copy_to_device(list.address(), there.data(), sizeof(Picture), stream.handle()),
        "cannot copy");
    launcher.start(batch, launch, stream.handle());
    device().check(
        driver.copy_to_host(result.data(), target.address(), result.size(), stream.handle()),
        "cannot copy");
    stream.synchronize();
  }
  const Picture here = picture(pixels_.data());
  batch.pictures = &here;
  batch.target = expected.data();
  run_pictures(batch, launch);
  EXPECT_EQ(result, expected);
}

TEST_F(LauncherTest, says_which_error_a_launch_ended_in) {
  const Launcher launcher(device(), code_);
  const device::Stream stream(device());
  faults_.submit_errors = 1;
  const TokenBatch batch{.row_count = 1, .length = 1};
  EXPECT_THAT(error_of([&] { launcher.start(batch, stream.handle()); }),
              HasSubstr("cannot start a kernel on cuda:0 (stand-in): CUDA_ERROR_LAUNCH_FAILED"));
}

TEST_F(LauncherTest, starts_nothing_for_an_empty_batch) {
  const Launcher launcher(device(), code_);
  launcher.start(PictureBatch{}, PictureLaunch{}, nullptr);
  launcher.start(TokenBatch{}, nullptr);
}

TEST_F(LauncherTest, says_that_a_build_has_no_kernels) {
  EXPECT_THAT(error_of([&] { const Launcher none(device(), {}); }), HasSubstr("nvcc"));
}

}  // namespace
}  // namespace headrace::kernels
