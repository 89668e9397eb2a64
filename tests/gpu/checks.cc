// Oracles are written out plainly: Pillow's filter in double precision, tokens by memcpy.
#include "checks.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <span>

#include "headrace/device/slots.h"
#include "on_device.h"

namespace headrace::gpu {
namespace {

constexpr uint32_t k_pictures = 12;
constexpr kernels::Element k_elements[] = {kernels::Element::uint8, kernels::Element::float16,
                                           kernels::Element::bfloat16, kernels::Element::float32};

kernels::PictureFormat format_of(kernels::Element element, bool planar) {
  return {.width = 224,
          .height = 160,
          .planar = planar,
          .element = element,
          .offset = {123.675f, 116.28f, 103.53f},
          .factor = {1 / 58.395f, 1 / 57.12f, 1 / 57.375f}};
}

std::vector<std::byte> twin_of(const PictureSet& set, const kernels::PictureFormat& format) {
  std::vector<std::byte> target(target_bytes(k_pictures, format));
  const auto pictures = set.pictures(set.pixels().data());
  kernels::PictureBatch batch{.pictures = pictures.data(),
                              .picture_count = k_pictures,
                              .target = target.data(),
                              .format = format};
  const auto launch = plan_launch(pictures, batch);
  run_pictures(batch, launch);
  return target;
}

// The antialiased bilinear value at one target of a line of `spec.count` values.
template <typename ValueAt>
double filtered(const ops::AxisSpec& spec, uint32_t target, ValueAt value_at) {
  const double scale = static_cast<double>(spec.count) / spec.resized;
  const double support = std::max(scale, 1.0);
  const double center = ((spec.mirror ? spec.target - 1 - target : target) + 0.5) * scale;
  double sum = 0, total = 0;
  const auto begin = static_cast<uint32_t>(std::max(0.0, std::floor(center - support)));
  const auto end = std::min(spec.count, static_cast<uint32_t>(center + support) + 1);
  for (uint32_t sample = begin; sample < end; ++sample) {
    const double weight = std::max(0.0, 1 - std::abs(sample + 0.5 - center) / support);
    sum += weight * value_at(sample);
    total += weight;
  }
  return sum / total;
}

Check check_picture_twin() {
  const auto format = format_of(kernels::Element::uint8, false);
  const PictureSet set(k_pictures, format);
  const auto made = twin_of(set, format);
  const auto pictures = set.pictures(set.pixels().data());
  double worst = 0;
  for (uint32_t i = 0; i < k_pictures; ++i) {
    for (uint32_t at = i; at < format.width * format.height; at += 211) {  // some of the pixels
      const uint32_t x = at % format.width, y = at / format.width;
      const double expected = filtered(pictures[i].rows, y, [&](uint32_t row) {
        return filtered(pictures[i].columns, x, [&](uint32_t column) {
          return static_cast<double>(
              pictures[i].pixels[row * pictures[i].stride_bytes + 3 * size_t{column}]);
        });
      });
      const size_t place = 3 * (size_t{i} * format.width * format.height + at);
      worst = std::max(worst, std::abs(static_cast<double>(made[place]) - expected));
    }
  }
  return {"picture twin within 1 of plain arithmetic", worst <= 1, fmt::format("{:.3f}", worst)};
}

struct TokenCase {
  std::vector<std::byte> tokens = std::vector<std::byte>(size_t{1} << 16);
  std::vector<uint64_t> starts = {0, 5, 4000, 1};
  uint32_t length = 3000;
  TokenCase() {
    for (size_t i = 0; i < tokens.size(); ++i) tokens[i] = static_cast<std::byte>(i * 131 % 253);
  }
  kernels::TokenBatch batch(const std::byte* from, const uint64_t* begins, std::byte* to) const {
    return {.tokens = from,
            .starts = begins,
            .row_count = static_cast<uint32_t>(starts.size()),
            .length = length,
            .inputs = to,
            .labels = to + values_bytes() / 2};
  }
  size_t values_bytes() const { return 2 * starts.size() * length * sizeof(int64_t); }
};

std::vector<std::byte> twin_of(const TokenCase& tokens) {
  std::vector<std::byte> values(tokens.values_bytes());
  run_tokens(tokens.batch(tokens.tokens.data(), tokens.starts.data(), values.data()));
  return values;
}

Check check_token_twin() {
  const TokenCase tokens;
  const auto values = twin_of(tokens);
  size_t wrong = 0;
  for (size_t row = 0; row < tokens.starts.size(); ++row) {
    for (size_t i = 0; i < tokens.length; ++i) {
      for (size_t later = 0; later < 2; ++later) {
        uint16_t stored;
        std::memcpy(&stored, tokens.tokens.data() + 2 * (tokens.starts[row] + i + later), 2);
        int64_t value;
        const size_t place = (later * tokens.starts.size() + row) * tokens.length + i;
        std::memcpy(&value, values.data() + 8 * place, 8);
        wrong += value != stored ? 1 : 0;
      }
    }
  }
  return {"token twin equals plain copies", wrong == 0, fmt::format("{} differ", wrong)};
}

Check compared(std::string name, std::span<const std::byte> made,
               std::span<const std::byte> expected) {
  size_t differ = 0;
  for (size_t i = 0; i < expected.size(); ++i) differ += made[i] != expected[i] ? 1 : 0;
  return {std::move(name), differ == 0, fmt::format("{} of {} bytes differ", differ, made.size())};
}

}  // namespace

std::vector<Check> check_twins() { return {check_picture_twin(), check_token_twin()}; }

std::vector<Check> check_kernels(const device::Device& device, const kernels::Launcher& launcher) {
  std::vector<Check> checks;
  device::Stream stream(device);
  for (const kernels::Element element : k_elements) {
    for (const bool planar : {true, false}) {
      const auto format = format_of(element, planar);
      const PictureSet set(k_pictures, format);
      const PicturesOnDevice there(device, set, format, stream);
      there.start(launcher, stream);
      std::vector<std::byte> made(there.target().size_bytes());
      fetch(device, made, there.target(), stream);
      checks.push_back(compared(fmt::format("picture kernel equals twin: {} bytes a value, {}",
                                            kernels::size_of(element), planar ? "chw" : "hwc"),
                                made, twin_of(set, format)));
    }
  }
  const TokenCase tokens;
  const device::DeviceMemory from(device, tokens.tokens.size());
  const device::DeviceMemory begins(device, tokens.starts.size() * sizeof(uint64_t));
  const device::DeviceMemory to(device, tokens.values_bytes());
  send(device, from, tokens.tokens.data(), tokens.tokens.size(), stream);
  send(device, begins, tokens.starts.data(), begins.size_bytes(), stream);
  launcher.start(tokens.batch(pointer_to<std::byte>(from), pointer_to<uint64_t>(begins),
                              pointer_to<std::byte>(to)),
                 stream.handle());
  std::vector<std::byte> made(to.size_bytes());
  fetch(device, made, to, stream);
  checks.push_back(compared("token kernel equals twin", made, twin_of(tokens)));
  return checks;
}

std::vector<Check> check_copies(const device::Device& device) {
  constexpr size_t k_bytes = size_t{1} << 20;
  constexpr uint32_t k_batches = 20;
  std::vector<std::byte> source(k_bytes * k_batches), seen(source.size());
  for (size_t i = 0; i < source.size(); ++i)
    source[i] = static_cast<std::byte>(i % 251 + i / k_bytes);
  const device::PinnedRange pinned_source(device, source), pinned_seen(device, seen);
  device::DeviceSlots slots(device, {.slot_count = 3, .slot_bytes = k_bytes});
  device::Stream reader(device);
  for (uint32_t batch = 0; batch < k_batches; ++batch) {
    const uint32_t slot = *slots.take();
    slots.send(slot, std::span(source).subspan(batch * k_bytes, k_bytes));
    slots.hold_up(reader.handle(), slot);
    device.check(device.driver().copy_to_host(seen.data() + batch * k_bytes, slots.address(slot),
                                              k_bytes, reader.handle()),
                 "cannot copy from");
    slots.give_back(slot, reader.handle());
  }
  reader.synchronize();
  return {compared("batches through slots arrive in order", seen, source)};
}

}  // namespace headrace::gpu
