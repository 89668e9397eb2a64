// Highway picks the widest shuffle of the machine at run time; the last pixels of a row go one by
// one, so that nothing outside the row is read or written.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "headrace/jpeg/planes.cc"
#include <hwy/foreach_target.h>
// foreach_target.h must come before highway.h
#include <hwy/highway.h>

#include "headrace/jpeg/planes.h"

HWY_BEFORE_NAMESPACE();
namespace headrace::jpeg::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

void split_rgb_wide(const uint8_t* interleaved, size_t pixel_count, const RgbRow& target) {
  const hn::ScalableTag<uint8_t> tag;
  const size_t lanes = hn::Lanes(tag);
  size_t pixel = 0;
  for (; pixel + lanes <= pixel_count; pixel += lanes) {
    hn::Vec<decltype(tag)> red, green, blue;
    hn::LoadInterleaved3(tag, interleaved + 3 * pixel, red, green, blue);
    hn::StoreU(red, tag, target.red + pixel);
    hn::StoreU(green, tag, target.green + pixel);
    hn::StoreU(blue, tag, target.blue + pixel);
  }
  for (; pixel < pixel_count; ++pixel) {
    target.red[pixel] = interleaved[3 * pixel];
    target.green[pixel] = interleaved[3 * pixel + 1];
    target.blue[pixel] = interleaved[3 * pixel + 2];
  }
}

}  // namespace headrace::jpeg::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace headrace::jpeg {

HWY_EXPORT(split_rgb_wide);

void split_rgb(const uint8_t* interleaved, size_t pixel_count, const RgbRow& target) {
  HWY_DYNAMIC_DISPATCH(split_rgb_wide)(interleaved, pixel_count, target);
}

namespace {

// White less the ink: black - (255 - color) * black / 255, rounded as Pillow does.
uint8_t without_ink(unsigned color, unsigned black) {
  const unsigned product = (255 - color) * black + 128;
  return static_cast<uint8_t>(black - ((product >> 8) + product) / 256);
}

}  // namespace

void convert_cmyk(const uint8_t* inverted, size_t pixel_count, const RgbRow& target) {
  for (size_t pixel = 0; pixel < pixel_count; ++pixel) {
    const uint8_t* inks = inverted + 4 * pixel;
    target.red[pixel] = without_ink(inks[0], inks[3]);
    target.green[pixel] = without_ink(inks[1], inks[3]);
    target.blue[pixel] = without_ink(inks[2], inks[3]);
  }
}

}  // namespace headrace::jpeg
#endif  // HWY_ONCE
