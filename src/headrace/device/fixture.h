// For tests: a device over the stand-in for libcuda, and a check that all of it came back.
// Thread safety: one thread.
#pragma once

#include <gtest/gtest.h>

#include <latch>
#include <optional>

#include "headrace/device/device.h"
#include "headrace/shim/stand_in.h"

namespace headrace::device {

class StandInDevice : public testing::Test {
 protected:
  StandInDevice() { faults_.reset(); }
  ~StandInDevice() override {
    device_.reset();
    faults_.reset();
    EXPECT_EQ(faults_.handles, 0);
    EXPECT_EQ(faults_.buffers, 0);
  }
  static DeviceOptions options() { return {.library = shim::stand_in_path("cuda")}; }
  const Device& device() {
    if (!device_) device_.emplace(options());
    return *device_;
  }
  template <class Call>
  std::string error_of(Call call) {
    try {
      call();
    } catch (const Error& error) {
      return error.what();
    }
    return "";
  }

  shim::StandInFaults& faults_ = shim::faults_of_stand_in("cuda");
  std::optional<Device> device_;
};

// Holds a stream up until it is opened.
class Gate {
 public:
  void close(const Device& device, shim::CuStream stream) {
    device.check(device.driver().launch_host(
                     stream, [](void* gate) { static_cast<Gate*>(gate)->latch_.wait(); }, this),
                 "cannot close the gate");
  }
  void open() { latch_.count_down(); }

 private:
  std::latch latch_{1};
};

}  // namespace headrace::device
