// For tests: JPEG files made in memory by libjpeg-turbo's encoder, and its plain full decode as the
// oracle. Thread safety: pure functions. An encoder error ends the test program.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "headrace/base/random.h"
#include "headrace/jpeg/image.h"

namespace headrace::jpeg {

enum class SampleColor { grey, ycbcr, rgb, cmyk, ycck };

struct SampleOptions {
  uint32_t width = 64, height = 48;
  SampleColor color = SampleColor::ycbcr;
  int horizontal = 2, vertical = 2;  // of the first component; the others have 1
  int quality = 85;
  bool progressive = false;
  bool optimized = false;
  bool arithmetic = false;
  bool interleaved = true;
  uint32_t restart_interval_mcus = 0;
  int quant_scale = 1;  // above 1: steps beyond 255, hence 16-bit tables
  uint32_t seed = 1;
};

// A picture of smooth gradients, edges and noise.
std::vector<std::byte> make_sample(const SampleOptions& options);
std::string name_of(const SampleOptions& options);

// Every kind of picture that the decoders must take, in sizes from 1x1 to 500x375.
std::vector<SampleOptions> all_samples();

// Three full planes by the plainest use of libjpeg-turbo. Empty planes when it refuses or warns.
struct Oracle {
  uint32_t width = 0, height = 0;
  std::vector<uint8_t> planes[3];
  bool whole() const { return width > 0; }
};
Oracle decode_whole(std::span<const std::byte> bytes, uint32_t scale_denominator = 1);

// The first place where `view` differs from the oracle at (x, y), as a sentence; "" when it is
// equal.
std::string difference(const ImageView& view, const Oracle& oracle, uint32_t x, uint32_t y);

Box random_box(Draws& draws, uint32_t width, uint32_t height);

// `payload` as an APPn segment behind the start of image.
std::vector<std::byte> with_segment(std::span<const std::byte> bytes, uint8_t code,
                                    std::span<const std::byte> payload);

}  // namespace headrace::jpeg
