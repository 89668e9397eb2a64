// Engines by name, and memory of either kind behind one span.
#include "headrace/bench/lane_memory.h"

#include <algorithm>
#include <array>

#include "headrace/base/error.h"

namespace headrace::bench {
namespace {

constexpr std::array<std::string_view, 4> k_of_jobs = {"auto", "uring", "threads", "psync"};
constexpr std::array<std::string_view, 4> k_to_device = {"bounce", "cufile", "cufile-batch",
                                                         "cufile-stream"};
constexpr std::array<std::string_view, 3> k_flags = {"sqpoll", "iopoll", "dontcache"};

bool is_in(auto& names, std::string_view name) {
  return std::ranges::find(names, name) != names.end();
}

}  // namespace

EngineName parse_engine(std::string_view name) {
  const size_t plus = std::min(name.find('+'), name.size());
  EngineName parsed{.engine = std::string(name.substr(0, plus)),
                    .flag = std::string(name.substr(std::min(plus + 1, name.size())))};
  parsed.to_device = is_in(k_to_device, parsed.engine);
  parsed.of_jobs = is_in(k_of_jobs, name);
  const bool flagged = parsed.engine == "uring" && is_in(k_flags, parsed.flag);
  const bool plain = plus == name.size();
  if (plain ? parsed.of_jobs || parsed.to_device : flagged) return parsed;
  throw Error({.code = Code::invalid_argument,
               .action = "cannot use the engine",
               .object = std::string(name),
               .cause = "there is none of this name",
               .hint = "auto, uring, threads, psync; uring+sqpoll, uring+iopoll, uring+dontcache; "
                       "with --device bounce, cufile, cufile-batch, cufile-stream"});
}

LaneMemory::LaneMemory(size_t size_bytes, const std::optional<DeviceTarget>& target)
    : target_(target) {
  if (target_) {
    on_device_ = std::make_unique<OnDevice>(*target_, size_bytes);
  } else {
    host_ = std::make_unique<memory::Arena>(memory::ArenaOptions{.size_bytes = size_bytes});
  }
}

std::span<std::byte> LaneMemory::bytes() const {
  if (host_) return host_->bytes();
  const device::DeviceMemory& memory = on_device_->memory;
  return {reinterpret_cast<std::byte*>(memory.address()), memory.size_bytes()};
}

std::unique_ptr<io::Ring> LaneMemory::make_ring(const EngineName& name, uint32_t depth,
                                                const io::File& file) {
  io::RingOptions options{.engine = name.engine, .depth = depth, .arena = bytes()};
  if (!name.to_device) {
    options.sqpoll = name.flag == "sqpoll";
    options.iopoll_on = name.flag == "iopoll" ? &file : nullptr;
    return io::make_ring(options);
  }
  auto ring = io::make_cufile_ring(options, {.library = target_->cufile,
                                             .driver = target_->device.library,
                                             .device = target_->device.ordinal.value_or(0),
                                             .compatible = io::cufile_is_compatible()});
  if (ring) return std::move(*ring);
  throw Error({.code = Code::unsupported,
               .action = "cannot make an I/O ring",
               .object = name.engine,
               .cause = ring.error(),
               .hint = "--engine bounce needs NVIDIA's driver only"});
}

std::span<const std::byte> LaneMemory::seen(std::span<const std::byte> block) {
  if (!on_device_) return block;
  copy_.resize(block.size());
  const device::Device& device = on_device_->device;
  const auto address = reinterpret_cast<shim::CuAddress>(block.data());
  device.check(device.driver().copy_to_host(copy_.data(), address, copy_.size(),
                                            on_device_->stream.handle()),
               "cannot copy from");
  on_device_->stream.synchronize();
  return copy_;
}

}  // namespace headrace::bench
