// Which texts come out of libjpeg-turbo's refusals.
#include "headrace/jpeg/turbo_errors.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "headrace/jpeg/sample_pictures.h"
#include "headrace/jpeg/turbo.h"

namespace headrace::jpeg {
namespace {

std::vector<std::byte> with_frame_byte(size_t offset_bytes, uint8_t value) {
  std::vector<std::byte> bytes = make_sample({.width = 16, .height = 16});
  const std::byte sof[] = {std::byte{0xff}, std::byte{0xc0}};
  const auto at = std::search(bytes.begin(), bytes.end(), std::begin(sof), std::end(sof));
  *(at + static_cast<long>(offset_bytes)) = std::byte{value};
  return bytes;
}

std::string refusal(const std::vector<std::byte>& bytes) {
  const auto view = TurboDecoder().decode(bytes, {0, 0, 1, 1});
  return view.has_value() ? "" : view.error().what;
}

TEST(TurboErrors, say_what_is_wrong_without_a_printf_place) {
  EXPECT_EQ(refusal({}), "JPEG of no bytes");
  EXPECT_EQ(refusal(std::vector<std::byte>(100)), "not a JPEG: it does not start with ff d8");
  EXPECT_EQ(refusal(with_frame_byte(4, 12)), "JPEG sample precision is not 8 bits");
  EXPECT_EQ(refusal(with_frame_byte(1, 0xc3)),
            "JPEG process is not supported (lossless or hierarchical)");
  EXPECT_EQ(refusal(with_frame_byte(11, 0x52)), "Bogus sampling factors");
}

TEST(TurboErrors, ends_a_progressive_picture_of_very_many_scans) {
  const std::vector<std::byte> bytes =
      make_sample({.width = 8, .height = 8, .color = SampleColor::grey, .progressive = true});
  const std::byte sos[] = {std::byte{0xff}, std::byte{0xda}};
  const auto last = std::find_end(bytes.begin(), bytes.end(), std::begin(sos), std::end(sos));
  std::vector<std::byte> many(bytes.begin(), bytes.end() - 2);
  for (int index = 0; index < 120; ++index) many.insert(many.end(), last, bytes.end() - 2);
  many.insert(many.end(), bytes.end() - 2, bytes.end());
  EXPECT_NE(refusal(many), "");
}

}  // namespace
}  // namespace headrace::jpeg
