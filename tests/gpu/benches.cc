// Each run ends with its streams: wall time is the device's own, plus the starting of the work.
#include "benches.h"

#include <algorithm>

#include "headrace/device/slots.h"
#include "headrace/memory/arena.h"
#include "on_device.h"

namespace headrace::gpu {
namespace {

constexpr double k_gigabyte = 1e9;
constexpr uint32_t k_slot_count = 3;

// Batches in pinned host memory, and slots of their size on the device.
class Lane {
 public:
  Lane(const device::Device& device, const BenchSize& size)
      : device_(device),
        size_(size),
        arena_({.size_bytes = 2 * size.batch_bytes}),
        pinned_(device, arena_.bytes()),
        target_(device, size.batch_bytes),
        slots_(device, {.slot_count = k_slot_count, .slot_bytes = size.batch_bytes}),
        bare_(device),
        reader_(device) {}
  double gigabytes() const {
    return static_cast<double>(size_.batch_bytes) * size_.batch_count / k_gigabyte;
  }
  void copy_bare() {
    for (uint32_t i = 0; i < size_.batch_count; ++i) {
      device_.check(device_.driver().copy_to_device(target_.address(), batch(i).data(),
                                                    size_.batch_bytes, bare_.handle()),
                    "cannot copy to");
    }
    bare_.synchronize();
  }
  // As DeviceLoader does it: the next copy is started before the last is waited for.
  template <typename Read>
  void copy_through_slots(Read read) {
    std::optional<uint32_t> before;
    for (uint32_t i = 0; i < size_.batch_count; ++i) {
      const uint32_t slot = *slots_.take();
      slots_.send(slot, batch(i));
      if (before) slots_.wait_for_copy(*before);
      before = slot;
      slots_.hold_up(reader_.handle(), slot);
      read(reader_);
      slots_.give_back(slot, reader_.handle());
    }
    reader_.synchronize();
  }
  device::Stream& reader() { return reader_; }

 private:
  std::span<const std::byte> batch(uint32_t index) const {
    return arena_.bytes().subspan(index % 2 * size_.batch_bytes, size_.batch_bytes);
  }
  const device::Device& device_;
  BenchSize size_;
  memory::Arena arena_;
  device::PinnedRange pinned_;
  device::DeviceMemory target_;
  device::DeviceSlots slots_;
  device::Stream bare_, reader_;
};

constexpr kernels::PictureFormat k_format{.element = kernels::Element::bfloat16,
                                          .offset = {123.675f, 116.28f, 103.53f},
                                          .factor = {1 / 58.395f, 1 / 57.12f, 1 / 57.375f}};

}  // namespace

std::vector<bench::Row> bench_copies(const device::Device& device, const BenchSize& size,
                                     const bench::Rounds& rounds) {
  Lane lane(device, size);
  return bench::interleave(
      {{.name = "host to device, bare pinned copies",
        .unit = "GB/s",
        .run = [&] { return timed(lane.gigabytes(), [&] { lane.copy_bare(); }); }},
       {.name = "host to device, through slots",
        .unit = "GB/s",
        .run =
            [&] {
              return timed(lane.gigabytes(), [&] { lane.copy_through_slots([](auto&) {}); });
            }}},
      rounds);
}

std::vector<bench::Row> bench_pictures(const device::Device& device,
                                       const kernels::Launcher& launcher, const BenchSize& size,
                                       const bench::Rounds& rounds) {
  constexpr uint32_t k_repeats = 20;
  device::Stream stream(device);
  const PictureSet set(size.picture_count, k_format);
  const PicturesOnDevice there(device, set, k_format, stream);
  const size_t copied_bytes = set.cropped_bytes();
  const device::DeviceMemory from(device, copied_bytes), to(device, copied_bytes);
  const double copied = 2.0 * static_cast<double>(copied_bytes) * k_repeats / k_gigabyte;
  const double made = static_cast<double>(set.cropped_bytes() + there.target().size_bytes()) *
                      k_repeats / k_gigabyte;
  const auto copy = [&] {
    for (uint32_t i = 0; i < k_repeats; ++i) {
      device.check(device.driver().copy_on_device(to.address(), from.address(), copied_bytes,
                                                  stream.handle()),
                   "cannot copy on");
    }
    stream.synchronize();
  };
  const auto make = [&] {
    for (uint32_t i = 0; i < k_repeats; ++i) there.start(launcher, stream);
    stream.synchronize();
  };
  return bench::interleave({{.name = "copy on the device, read and written",
                             .unit = "GB/s",
                             .run = [&] { return timed(copied, copy); }},
                            {.name = "pictures to bfloat16, read and written",
                             .unit = "GB/s",
                             .run = [&] { return timed(made, make); }}},
                           rounds);
}

std::vector<bench::Row> bench_overlap(const device::Device& device,
                                      const kernels::Launcher& launcher, const BenchSize& size,
                                      const bench::Rounds& rounds) {
  Lane lane(device, size);
  const PictureSet set(size.picture_count, k_format);
  const PicturesOnDevice there(device, set, k_format, lane.reader());
  const double batches = size.batch_count;
  const auto compute = [&] {
    for (uint32_t i = 0; i < size.batch_count; ++i) there.start(launcher, lane.reader());
    lane.reader().synchronize();
  };
  const auto both = [&] {
    lane.copy_through_slots([&](auto& reader) { there.start(launcher, reader); });
  };
  auto rows = bench::interleave(
      {{.name = "kernels alone",
        .unit = "batches/s",
        .run = [&] { return timed(batches, compute); }},
       {.name = "copies alone",
        .unit = "batches/s",
        .run = [&] { return timed(batches, [&] { lane.copy_through_slots([](auto&) {}); }); }},
       {.name = "copies behind kernels",
        .unit = "batches/s",
        .run = [&] { return timed(batches, both); }}},
      rounds);
  if (rows.size() != 3) return rows;
  const double kernels_s = 1 / rows[0].value, copies_s = 1 / rows[1].value;
  const double both_s = 1 / rows[2].value;
  const double hidden = (kernels_s + copies_s - both_s) / std::min(kernels_s, copies_s);
  rows.push_back({.name = "of the shorter, hidden behind the longer",
                  .value = 100 * hidden,
                  .unit = "%",
                  .rounds = rows[2].rounds,
                  .ratio_of = "all of the shorter",
                  .ratio = hidden});
  return rows;
}

}  // namespace headrace::gpu
