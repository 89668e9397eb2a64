// Opening a device, and what its errors say.
#include "headrace/device/device.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <cstdlib>
#include <fstream>

namespace headrace::device {
namespace {

std::unique_ptr<shim::CudaDriver> open_driver(const DeviceOptions& options) {
  auto driver = shim::CudaDriver::open(options.library);
  if (driver) return std::move(*driver);
  throw Error({.code = Code::not_found,
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
    case shim::k_cu_no_such_device:
      return "nvidia-smi -L lists the devices; CUDA_VISIBLE_DEVICES may hide some";
    case 700:  // after these a process cannot use its context any more
    case 710:
    case 719:
      return "restart the process; compute-sanitizer finds the kernel that failed";
    default:
      if (code >= shim::k_cu_capture_first && code <= shim::k_cu_capture_last) {
        return "take batches and let go of them outside of a CUDA graph's capture (docs/gpu.md)";
      }
      return "nvidia-smi and dmesg (Xid) say more about the device";
  }
}

Code code_of(int code) {
  if (code == shim::k_cu_out_of_memory) return Code::no_space;
  return code == shim::k_cu_no_device || code == shim::k_cu_no_such_device ? Code::not_found
                                                                           : Code::io;
}

std::optional<uint32_t> number_of(std::string_view text, uint32_t limit) {
  uint32_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool whole = error == std::errc() && end == text.data() + text.size();
  return whole && number < limit ? std::optional(number) : std::nullopt;
}

}  // namespace

DeviceOptions parse_device(std::string_view name, uint32_t local_rank) {
  if (name == "cuda") return {.local_rank = local_rank};
  if (name.starts_with("cuda:")) {
    if (const auto ordinal = number_of(name.substr(5), 1024)) return {.ordinal = ordinal};
  }
  throw Error({.code = Code::invalid_argument,
               .action = "cannot tell the device",
               .object = std::string(name),
               .cause = "it is neither \"cuda\" nor \"cuda:\" and a number",
               .hint = "\"cuda:0\" is the first one, \"cuda\" the one of this local rank"});
}

uint32_t local_rank_of_environment() {
  for (const char* name :
       {"LOCAL_RANK", "OMPI_COMM_WORLD_LOCAL_RANK", "MPI_LOCALRANKID", "SLURM_LOCALID"}) {
    const char* value = std::getenv(name);
    if (value == nullptr) continue;
    if (const auto rank = number_of(value, 1 << 16)) return *rank;
  }
  return 0;
}

std::optional<uint32_t> numa_node_of_pci(std::string_view id, const std::string& root) {
  std::string name(id);
  std::ranges::transform(name, name.begin(), [](unsigned char letter) {
    return static_cast<char>(std::tolower(letter));  // sysfs writes them small, the driver may not
  });
  std::ifstream file(fmt::format("{}/sys/bus/pci/devices/{}/numa_node", root, name));
  std::string text;
  if (!std::getline(file, text)) return std::nullopt;
  return number_of(text, 1 << 10);  // -1: the machine does not say
}

Device::Device(const DeviceOptions& options)
    : ordinal_(options.ordinal.value_or(0)), driver_(open_driver(options)) {
  const char* action = "cannot open the device";
  check(driver_->init(0), action);
  int count = 0;
  check(driver_->device_count(&count), action);
  if (!options.ordinal) ordinal_ = options.local_rank % static_cast<uint32_t>(std::max(1, count));
  check(driver_->device_get(&handle_, static_cast<int>(ordinal_)), action);
  std::array<char, 128> name{};
  if (driver_->device_name(name.data(), static_cast<int>(name.size()) - 1, handle_) == 0) {
    name_ = name.data();
  }
  size_t size_bytes = 0;
  check(driver_->device_memory(&size_bytes, handle_), action);
  memory_bytes_ = size_bytes;
  driver_->context_get(&context_before_);
  check(driver_->hold_context(handle_), action);
}

std::optional<uint32_t> Device::numa_node() const {
  std::array<char, 32> id{};
  if (driver_->device_pci(id.data(), static_cast<int>(id.size()) - 1, handle_) != 0) return {};
  return numa_node_of_pci(id.data());
}

void Device::leave() const noexcept { driver_->context_use(context_before_); }

void Device::use() const { check(driver_->context_use(context()), "cannot use the device"); }

void Device::use_beside_captures() const {
  use();
  int mode = shim::k_cu_capture_relaxed;
  check(driver_->capture_mode(&mode), "cannot use the device");
}

std::string Device::label() const {
  return name_.empty() ? fmt::format("cuda:{}", ordinal_)
                       : fmt::format("cuda:{} ({})", ordinal_, name_);
}

void Device::check(int code, const char* action) const {
  if (code != 0) [[unlikely]]
    throw error_of(code, action);
}

Error Device::error_of(int code, const char* action) const {
  return Error({.code = code_of(code),
                .action = action,
                .object = label(),
                .cause = driver_->name_of_error(code),
                .hint = hint_of(code)});
}

}  // namespace headrace::device
