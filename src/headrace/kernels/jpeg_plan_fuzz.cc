// Any bytes as a JPEG: what is planned lies inside, and the twins stay within it (sanitizers tell).
#include <algorithm>
#include <vector>

#include "headrace/base/check.h"
#include "headrace/kernels/jpeg_plan.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace headrace;
  const std::span bytes(reinterpret_cast<const std::byte*>(data), size);
  const auto header = jpeg::parse_header(bytes);
  if (!header || uint64_t{header->width} * header->height > 1 << 18) return 0;
  std::vector<uint8_t> pixels(size_t{3} * header->width * header->height);
  kernels::JpegPlan plan;
  if (!plan.add(bytes, 0, pixels.data())) return 0;
  for (const kernels::JpegInterval& interval : plan.intervals()) {
    HR_CHECK(interval.offset_bytes + interval.size_bytes <= size);
  }
  std::vector<uint8_t> coded(data, data + size);  // of its own, so that a byte beyond is noticed
  std::vector<int16_t> coefficients(plan.block_count() * 64);
  std::vector<uint8_t> samples(plan.block_count() * 64);
  uint32_t verdict = 0;
  kernels::run_jpegs({.coded = coded.data(),
                      .pictures = plan.pictures().data(),
                      .intervals = plan.intervals().data(),
                      .tables = plan.tables().data(),
                      .coefficients = coefficients.data(),
                      .samples = samples.data(),
                      .verdicts = &verdict,
                      .picture_count = 1,
                      .interval_count = static_cast<uint32_t>(plan.intervals().size())});
  return 0;
}
