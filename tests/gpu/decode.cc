// Each decoder is given coded bytes in pinned host memory and leaves pixels on the device.
#include "decode.h"

#include <fmt/format.h>

#include <cstdlib>
#include <memory>
#include <optional>

#include "headrace/base/check.h"
#include "headrace/jpeg/decoder.h"
#include "headrace/kernels/jpeg_decoder.h"
#include "headrace/kernels/unpacker.h"
#include "jpeg_set.h"
#include "on_device.h"

namespace headrace::gpu {
namespace {

template <typename T>
std::span<const std::byte> bytes_of(std::span<const T> list) {
  return std::as_bytes(list);
}

// All that the kernels need, on the device; the plan is made each time, as it is for a batch.
class JpegsOnDevice {
 public:
  JpegsOnDevice(const device::Device& device, const JpegSet& set)
      : device_(device),
        set_(set),
        pixels_(device, set.count() * k_jpeg_pixel_bytes),
        plan_(set.plan(pointer_to<uint8_t>(pixels_))),
        coded_(device, set.coded().size()),
        pictures_(device, plan_.pictures().size_bytes()),
        intervals_(device, plan_.intervals().size_bytes()),
        tables_(device, plan_.tables().size_bytes()),
        coefficients_(device, plan_.block_count() * 64 * sizeof(int16_t)),
        samples_(device, plan_.block_count() * 64),
        verdicts_(device, set.count() * sizeof(uint32_t)),
        no_verdicts_(set.count()) {}
  void start(const kernels::Launcher& launcher, const device::Stream& stream) {
    plan_ = set_.plan(pointer_to<uint8_t>(pixels_));
    put(coded_, std::span<const std::byte>(set_.coded()), stream);
    put(pictures_, bytes_of(plan_.pictures()), stream);
    put(intervals_, bytes_of(plan_.intervals()), stream);
    put(tables_, bytes_of(plan_.tables()), stream);
    put(verdicts_, bytes_of(std::span<const uint32_t>(no_verdicts_)), stream);
    launcher.start({.coded = pointer_to<uint8_t>(coded_),
                    .pictures = pointer_to<kernels::JpegPicture>(pictures_),
                    .intervals = pointer_to<kernels::JpegInterval>(intervals_),
                    .tables = pointer_to<kernels::EntropyTable>(tables_),
                    .coefficients = pointer_to<int16_t>(coefficients_),
                    .samples = pointer_to<uint8_t>(samples_),
                    .verdicts = pointer_to<uint32_t>(verdicts_),
                    .picture_count = set_.count(),
                    .interval_count = static_cast<uint32_t>(plan_.intervals().size())},
                   plan_.launch(), stream.handle());
  }
  const device::DeviceMemory& pixels() const { return pixels_; }
  const device::DeviceMemory& verdicts() const { return verdicts_; }

 private:
  void put(const device::DeviceMemory& to, std::span<const std::byte> from,
           const device::Stream& stream) const {
    send(device_, to, from.data(), from.size(), stream);
  }
  const device::Device& device_;
  const JpegSet& set_;
  device::DeviceMemory pixels_;
  kernels::JpegPlan plan_;
  device::DeviceMemory coded_, pictures_, intervals_, tables_, coefficients_, samples_, verdicts_;
  std::vector<uint32_t> no_verdicts_;
};

// The same pictures by nvJPEG.
class JpegsByNvidia {
 public:
  JpegsByNvidia(const device::Device& device, const JpegSet& set, const std::string& library)
      : pixels_(device, set.count() * k_jpeg_pixel_bytes),
        decoder_(device, {.library = library, .batch_count = set.count()}),
        good_(set.count()) {
    for (uint32_t i = 0; i < set.count(); ++i) {
      pictures_.push_back({.bytes = set.file(i),
                           .pixels = pixels_.address() + i * k_jpeg_pixel_bytes,
                           .stride_bytes = 3 * k_jpeg_width,
                           .baseline = true});
    }
  }
  void start(const device::Stream& stream) { decoder_.start(pictures_, good_, stream.handle()); }
  const device::DeviceMemory& pixels() const { return pixels_; }
  unsigned engine_count() const { return decoder_.engine_count(); }

 private:
  device::DeviceMemory pixels_;
  kernels::JpegDecoder decoder_;
  std::vector<kernels::CodedPicture> pictures_;
  std::vector<uint8_t> good_;
};

std::vector<uint8_t> fetched(const device::Device& device, const device::DeviceMemory& from,
                             device::Stream& stream) {
  std::vector<std::byte> made(from.size_bytes());
  fetch(device, made, from, stream);
  const auto* begin = reinterpret_cast<const uint8_t*>(made.data());
  return {begin, begin + made.size()};
}

Check near_to(std::string name, const std::vector<uint8_t>& made,
              const std::vector<uint8_t>& expected, int most) {
  int worst = 0;
  uint64_t differ = 0;
  for (size_t i = 0; i < expected.size(); ++i) {
    worst = std::max(worst, std::abs(int{made[i]} - int{expected[i]}));
    differ += made[i] != expected[i] ? 1 : 0;
  }
  return {std::move(name), worst <= most,
          fmt::format("{} of {} values differ, at most by {}", differ, expected.size(), worst)};
}

constexpr uint32_t k_checked = 6;
constexpr size_t k_row_bytes = 150'528;  // 224 x 224 x 3
constexpr codec::Kind k_kinds[] = {codec::Kind::zstd, codec::Kind::lz4, codec::Kind::gzip};

// Rows that compress by some two thirds, in frames of one kind.
struct PackedRows {
  codec::Kind kind;
  std::vector<std::byte> rows, sent;
  std::vector<kernels::PackedField> fields;
  PackedRows(codec::Kind kind_, uint32_t count) : kind(kind_), rows(count * k_row_bytes) {
    for (size_t i = 0; i < rows.size(); ++i) {
      rows[i] = static_cast<std::byte>(i / 9 % 31 * (i / 4096 % 7) + (i * i >> 7 & 3));
    }
    std::vector<size_t> begins;
    for (uint32_t row = 0; row < count; ++row) {
      const auto packed = codec::compressed(
          kind, std::span(rows).subspan(row * k_row_bytes, k_row_bytes), level_of(kind)->standard);
      begins.push_back((sent.size() + 63) / 64 * 64);
      sent.resize(begins.back());
      sent.insert(sent.end(), packed.begin(), packed.end());
      fields.push_back({.kind = kind, .bytes = {}, .size_bytes = k_row_bytes});
      fields.back().bytes = std::span(packed);  // for its size; the place comes below
    }
    for (uint32_t row = 0; row < count; ++row) {
      fields[row].bytes = std::span(sent).subspan(begins[row], fields[row].bytes.size());
    }
  }
  kernels::UnpackerOptions options(const Libraries& libraries) const {
    return {.library = libraries.nvcomp,
            .field_count = static_cast<uint32_t>(fields.size()),
            .field_bytes = k_row_bytes,
            .packed_bytes = sent.size()};
  }
  void aim(const device::DeviceMemory& target) {
    for (size_t row = 0; row < fields.size(); ++row) {
      fields[row].target = target.address() + row * k_row_bytes;
    }
  }
};

Check check_unpacking(const device::Device& device, const Libraries& libraries, codec::Kind kind) {
  PackedRows rows(kind, k_checked);
  const device::DeviceMemory target(device, rows.rows.size());
  rows.aim(target);
  kernels::Unpacker unpacker(device, rows.options(libraries));
  device::Stream stream(device);
  unpacker.send(rows.sent, stream.handle());
  unpacker.start(rows.fields, stream.handle());
  const std::vector<uint8_t> made = fetched(device, target, stream);
  bool good = true;
  for (uint32_t i = 0; i < k_checked; ++i) good = good && unpacker.is_good(i);
  const auto* begin = reinterpret_cast<const uint8_t*>(rows.rows.data());
  Check check = near_to(fmt::format("nvCOMP gives back what {} packed", name_of(kind)), made,
                        {begin, begin + rows.rows.size()}, 0);
  check.passed = check.passed && good;
  return check;
}

void say_absent(const char* what, const Error& error) {
  fmt::print("not run: {}: {}\n", what, error.what());
}

}  // namespace

std::vector<Check> check_decode_twins() {
  const JpegSet set(k_checked);
  std::vector<uint8_t> pixels(set.count() * k_jpeg_pixel_bytes);
  const kernels::JpegPlan plan = set.plan(pixels.data());
  std::vector<int16_t> coefficients(plan.block_count() * 64);
  std::vector<uint8_t> samples(plan.block_count() * 64);
  std::vector<uint32_t> verdicts(set.count());
  kernels::run_jpegs({.coded = reinterpret_cast<const uint8_t*>(set.coded().data()),
                      .pictures = plan.pictures().data(),
                      .intervals = plan.intervals().data(),
                      .tables = plan.tables().data(),
                      .coefficients = coefficients.data(),
                      .samples = samples.data(),
                      .verdicts = verdicts.data(),
                      .picture_count = set.count(),
                      .interval_count = static_cast<uint32_t>(plan.intervals().size())});
  return {near_to("JPEG twins equal the CPU's decoder", pixels, set.by_the_cpu(), 0)};
}

std::vector<Check> check_decoding(const device::Device& device, const kernels::Launcher& launcher,
                                  const Libraries& libraries) {
  const JpegSet set(k_checked);
  const std::vector<uint8_t> expected = set.by_the_cpu();
  device::Stream stream(device);
  std::vector<Check> checks;
  JpegsOnDevice kernels(device, set);
  kernels.start(launcher, stream);
  checks.push_back(near_to("JPEG kernels equal the CPU's decoder",
                           fetched(device, kernels.pixels(), stream), expected, 0));
  try {
    JpegsByNvidia nvidia(device, set, libraries.nvjpeg);
    nvidia.start(stream);
    checks.push_back(
        near_to(fmt::format("nvJPEG ({} engines) is near the CPU's decoder", nvidia.engine_count()),
                fetched(device, nvidia.pixels(), stream), expected, 8));
  } catch (const Error& error) {
    if (error.code() != Code::unsupported) throw;
    say_absent("nvJPEG", error);
  }
  try {
    for (const codec::Kind kind : k_kinds) {
      checks.push_back(check_unpacking(device, libraries, kind));
    }
  } catch (const Error& error) {
    if (error.code() != Code::unsupported) throw;
    say_absent("nvCOMP", error);
  }
  return checks;
}

std::vector<bench::Row> bench_decoding(const device::Device& device,
                                       const kernels::Launcher& launcher,
                                       const Libraries& libraries, const BenchSize& size,
                                       const bench::Rounds& rounds) {
  JpegSet set(size.picture_count);
  const device::PinnedRange pinned(device, set.to_pin());
  device::Stream stream(device);
  JpegsOnDevice kernels(device, set);
  std::optional<JpegsByNvidia> nvidia;
  try {
    nvidia.emplace(device, set, libraries.nvjpeg);
  } catch (const Error& error) {
    if (error.code() != Code::unsupported) throw;
  }
  const double pictures = set.count();
  const auto on_cpu = [&] {
    jpeg::Decoder decoder;
    for (uint32_t i = 0; i < set.count(); ++i) {
      const auto header = jpeg::parse_header(set.file(i));
      HR_CHECK(decoder.decode(set.file(i), *header, {0, 0, k_jpeg_width, k_jpeg_height}, 1));
    }
  };
  std::vector<bench::Contender> entries = {
      {.name = "JPEG, whole, one core of the CPU",
       .unit = "pictures/s",
       .run = [&] { return timed(pictures, on_cpu); }},
      {.name = "JPEG by our kernels, an interval a thread", .unit = "pictures/s", .run = [&] {
         return timed(pictures, [&] {
           kernels.start(launcher, stream);
           stream.synchronize();
         });
       }}};
  if (nvidia) {
    entries.push_back({.name = fmt::format("JPEG by nvJPEG, {} engines", nvidia->engine_count()),
                       .unit = "pictures/s",
                       .run = [&] {
                         return timed(pictures, [&] {
                           nvidia->start(stream);
                           stream.synchronize();
                         });
                       }});
  }
  return bench::interleave(entries, rounds);
}

std::vector<bench::Row> bench_unpacking(const device::Device& device, const Libraries& libraries,
                                        const BenchSize& size, const bench::Rounds& rounds) {
  struct One {
    PackedRows rows;
    device::PinnedRange pinned;
    device::DeviceMemory target;
    kernels::Unpacker unpacker;
    One(const device::Device& on, const Libraries& from, codec::Kind kind, uint32_t count)
        : rows(kind, count),
          pinned(on, rows.sent),
          target(on, rows.rows.size()),
          unpacker(on, rows.options(from)) {
      rows.aim(target);
    }
  };
  std::vector<std::unique_ptr<One>> all;
  try {
    for (const codec::Kind kind : k_kinds) {
      all.push_back(std::make_unique<One>(device, libraries, kind, size.picture_count));
    }
  } catch (const Error& error) {
    if (error.code() != Code::unsupported) throw;
    return {};
  }
  device::Stream stream(device);
  std::vector<bench::Contender> entries;
  for (const auto& one : all) {
    const double gigabytes = static_cast<double>(one->rows.rows.size()) / 1e9;
    entries.push_back({.name = fmt::format("{} by nvCOMP, unpacked", name_of(one->rows.kind)),
                       .unit = "GB/s",
                       .run = [&, gigabytes] {
                         return timed(gigabytes, [&] {
                           one->unpacker.send(one->rows.sent, stream.handle());
                           one->unpacker.start(one->rows.fields, stream.handle());
                           stream.synchronize();
                         });
                       }});
  }
  return bench::interleave(entries, rounds);
}

}  // namespace headrace::gpu
