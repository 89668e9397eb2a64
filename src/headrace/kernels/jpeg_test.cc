// The host twins against the CPU's own decoder, which is libjpeg-turbo bit for bit: pixels of every
// kind that it takes, with and without restart intervals, and its verdict on damaged files. Then
// the same by launches, over the stand-in for libcuda.
#include "headrace/kernels/jpeg.h"

#include <gtest/gtest.h>

#include <cstring>

#include "headrace/device/fixture.h"
#include "headrace/device/memory.h"
#include "headrace/device/stream.h"
#include "headrace/jpeg/baseline_decoder.h"
#include "headrace/jpeg/sample_pictures.h"
#include "headrace/kernels/jpeg_plan.h"
#include "headrace/kernels/launcher.h"

namespace headrace::kernels {
namespace {

using Bytes = std::vector<std::byte>;
using Pixels = std::vector<uint8_t>;

// Empty where the decoder refuses.
Pixels by_the_cpu(const Bytes& file) {
  const auto header = jpeg::parse_header(file);
  if (!header) return {};
  jpeg::BaselineDecoder decoder;
  const auto view = decoder.decode(file, *header, {0, 0, header->width, header->height});
  Pixels mixed;
  if (!view) return mixed;
  for (uint32_t y = 0; y < view->height(); ++y) {
    for (uint32_t x = 0; x < view->width(); ++x) {
      for (const jpeg::PlaneView& plane : view->planes) {
        mixed.push_back(plane.data[y * plane.stride_bytes + x]);
      }
    }
  }
  return mixed;
}

// A batch in host memory; where a device is the stand-in, its memory too.
class Batch {
 public:
  explicit Batch(const std::vector<Bytes>& files) {
    for (const Bytes& file : files) {
      const auto header = jpeg::parse_header(file);
      pixels_.emplace_back(header ? size_t{3} * header->width * header->height : 0, 0xa5);
      const uint64_t offset = coded_.size();
      coded_.insert(coded_.end(), file.begin(), file.end());
      taken_.push_back(plan_.add(file, offset, pixels_.back().data()).has_value());
    }
    coefficients_.resize(plan_.block_count() * 64);
    samples_.resize(plan_.block_count() * 64);
    verdicts_.resize(plan_.pictures().size());
  }
  JpegBatch batch() {
    return {.coded = reinterpret_cast<const uint8_t*>(coded_.data()),
            .pictures = plan_.pictures().data(),
            .intervals = plan_.intervals().data(),
            .tables = plan_.tables().data(),
            .coefficients = coefficients_.data(),
            .samples = samples_.data(),
            .verdicts = verdicts_.data(),
            .picture_count = static_cast<uint32_t>(plan_.pictures().size()),
            .interval_count = static_cast<uint32_t>(plan_.intervals().size())};
  }
  const JpegPlan& plan() const { return plan_; }
  // Empty where the plan or a verdict refuses.
  std::vector<Pixels> results() const {
    std::vector<Pixels> all;
    size_t picture = 0;
    for (size_t i = 0; i < taken_.size(); ++i) {
      all.emplace_back();
      if (taken_[i] && verdicts_[picture++] == 0) all.back() = pixels_[i];
    }
    return all;
  }

 private:
  JpegPlan plan_;
  Bytes coded_;
  std::vector<bool> taken_;
  std::vector<Pixels> pixels_;
  std::vector<int16_t> coefficients_;
  std::vector<uint8_t> samples_;
  std::vector<uint32_t> verdicts_;
};

std::vector<Pixels> by_the_twins(const std::vector<Bytes>& files) {
  Batch batch(files);
  run_jpegs(batch.batch());
  return batch.results();
}

std::vector<Bytes> files_of_all_kinds() {
  std::vector<Bytes> files;
  for (jpeg::SampleOptions options : jpeg::all_samples()) {
    files.push_back(jpeg::make_sample(options));
    options.restart_interval_mcus = 3;
    files.push_back(jpeg::make_sample(options));
  }
  return files;
}

TEST(Jpegs, are_the_cpus_pixels_for_every_kind_that_it_takes) {
  const std::vector<Bytes> files = files_of_all_kinds();
  const auto pixels = by_the_twins(files);
  size_t taken = 0;
  for (size_t i = 0; i < files.size(); ++i) {
    const Pixels expected = by_the_cpu(files[i]);
    EXPECT_EQ(pixels[i], expected) << i;
    taken += expected.empty() ? 0 : 1;
  }
  EXPECT_GT(taken, files.size() / 4);
}

TEST(Jpegs, that_are_damaged_get_the_cpus_verdict_and_harm_no_other) {
  Draws draws({.seed = 3});
  std::vector<Bytes> files;
  for (uint32_t i = 0; i < 300; ++i) {
    Bytes file = jpeg::make_sample({.width = 90 + i % 7,
                                    .height = 70,
                                    .quality = 60 + static_cast<int>(i % 40),
                                    .restart_interval_mcus = i % 3 * 4,
                                    .seed = i});
    for (uint32_t changes = 0; changes < 1 + i % 3; ++changes) {  // most of it is coded data
      file[draws.below(static_cast<uint32_t>(file.size()))] =
          static_cast<std::byte>(draws.below(256));
    }
    if (i % 10 == 9) file.resize(file.size() / 2);
    files.push_back(std::move(file));
    if (i % 4 == 0) files.push_back(jpeg::make_sample({.restart_interval_mcus = 2, .seed = i}));
  }
  const auto pixels = by_the_twins(files);
  size_t refused = 0;
  for (size_t i = 0; i < files.size(); ++i) {
    const Pixels expected = by_the_cpu(files[i]);
    EXPECT_EQ(pixels[i], expected) << i;
    refused += expected.empty() ? 1 : 0;
  }
  EXPECT_GT(refused, 50u);
}

class JpegLaunches : public device::StandInDevice {};

TEST_F(JpegLaunches, makes_what_the_twins_make) {
  const std::vector<Bytes> files = {
      jpeg::make_sample({.width = 300, .height = 200, .restart_interval_mcus = 5}),
      jpeg::make_sample({.width = 33, .height = 90, .color = jpeg::SampleColor::grey}),
      jpeg::make_sample({.width = 64, .height = 64, .restart_interval_mcus = 1, .seed = 9})};
  Batch batch(files);
  const std::vector<std::byte> code(16);
  const Launcher launcher(device(), code);
  device::Stream stream(device());
  launcher.start(batch.batch(), batch.plan().launch(), stream.handle());
  stream.synchronize();
  EXPECT_EQ(batch.results(), by_the_twins(files));
  launcher.start(JpegBatch{}, {}, stream.handle());
}

}  // namespace
}  // namespace headrace::kernels
