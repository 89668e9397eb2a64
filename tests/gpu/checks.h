// Does each kernel make what its host twin makes, and each twin what plain arithmetic makes?
// Thread safety: one thread.
#pragma once

#include <string>
#include <vector>

#include "headrace/device/device.h"
#include "headrace/kernels/launcher.h"

namespace headrace::gpu {

struct Check {
  std::string name;
  bool passed = false;
  std::string detail = {};
};
// Need no GPU.
std::vector<Check> check_twins();
// The same inputs on the device, bit for bit.
std::vector<Check> check_kernels(const device::Device& device, const kernels::Launcher& launcher);
// Slots: what is copied is what is read, in order, over slots used again.
std::vector<Check> check_copies(const device::Device& device);

}  // namespace headrace::gpu
