// Opening a device, and what its errors say.
#include "headrace/device/device.h"

#include <fmt/format.h>

#include <array>
#include <charconv>

namespace headrace::device {
namespace {

std::unique_ptr<shim::CudaDriver> open_driver(const DeviceOptions& options) {
  auto driver = shim::CudaDriver::open(options.library);
  if (driver) return std::move(*driver);
  throw Error({.code = Code::unsupported,
               .action = "cannot use a CUDA device",
               .cause = driver.error(),
               .hint = "install NVIDIA's driver, or leave the device out to get batches in host "
                       "memory"});
}

const char* hint_of(int code) {
  switch (code) {
    case shim::k_cu_out_of_memory:
      return "a smaller batch, fewer batches on the device, or more room beside the model";
    case shim::k_cu_no_device:
    case 101:  // CUDA_ERROR_INVALID_DEVICE
      return "nvidia-smi -L lists the devices; CUDA_VISIBLE_DEVICES may hide some";
    case 700:  // after these a process cannot use its context any more
    case 710:
    case 719:
      return "restart the process; compute-sanitizer finds the kernel that failed";
    default:
      return "nvidia-smi and dmesg (Xid) say more about the device";
  }
}

}  // namespace

DeviceOptions parse_device(std::string_view name) {
  constexpr std::string_view k_prefix = "cuda";
  DeviceOptions options;
  if (name == k_prefix) return options;
  if (name.starts_with("cuda:") && name.size() > 5) {
    const auto [end, error] =
        std::from_chars(name.data() + 5, name.data() + name.size(), options.ordinal);
    if (error == std::errc() && end == name.data() + name.size() && options.ordinal < 1024) {
      return options;
    }
  }
  throw Error({.code = Code::invalid_argument,
               .action = "cannot tell the device",
               .object = std::string(name),
               .cause = "it is neither \"cuda\" nor \"cuda:\" and a number",
               .hint = "\"cuda:0\" is the first one"});
}

Device::Device(const DeviceOptions& options)
    : ordinal_(options.ordinal), driver_(open_driver(options)) {
  const char* action = "cannot open the device";
  check(driver_->init(0), action);
  check(driver_->device_get(&handle_, static_cast<int>(ordinal_)), action);
  std::array<char, 128> name{};
  if (driver_->device_name(name.data(), static_cast<int>(name.size()) - 1, handle_) == 0) {
    name_ = name.data();
  }
  size_t size_bytes = 0;
  check(driver_->device_memory(&size_bytes, handle_), action);
  memory_bytes_ = size_bytes;
  check(driver_->hold_context(handle_), action);
}

void Device::use() const { check(driver_->context_use(context()), "cannot use the device"); }

std::string Device::label() const {
  return name_.empty() ? fmt::format("cuda:{}", ordinal_)
                       : fmt::format("cuda:{} ({})", ordinal_, name_);
}

void Device::check(int code, const char* action) const {
  if (code != 0) [[unlikely]]
    throw error_of(code, action);
}

Error Device::error_of(int code, const char* action) const {
  return Error({.code = code == shim::k_cu_out_of_memory ? Code::no_space : Code::io,
                .action = action,
                .object = label(),
                .cause = driver_->name_of_error(code),
                .hint = hint_of(code)});
}

}  // namespace headrace::device
