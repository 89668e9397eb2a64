// The own decoder against libjpeg-turbo's plain full decode, cut to the box.
#include "headrace/jpeg/baseline_decoder.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "headrace/base/random.h"
#include "headrace/jpeg/sample_pictures.h"

namespace headrace::jpeg {
namespace {

struct Sampling {
  SampleColor color;
  int horizontal, vertical;
};
constexpr Sampling k_samplings[] = {{SampleColor::ycbcr, 2, 2},
                                    {SampleColor::ycbcr, 2, 1},
                                    {SampleColor::ycbcr, 1, 1},
                                    {SampleColor::grey, 1, 1}};

SampleOptions sample_of(const Sampling& sampling, uint32_t width, uint32_t height) {
  return {.width = width,
          .height = height,
          .color = sampling.color,
          .horizontal = sampling.horizontal,
          .vertical = sampling.vertical};
}

// Empty when the box's pixels are the oracle's.
std::string check_box(BaselineDecoder& decoder, const std::vector<std::byte>& bytes,
                      const Oracle& oracle, Box box) {
  const auto header = parse_header(bytes);
  if (!header) return header.error().what;
  const auto view = decoder.decode(bytes, *header, box);
  if (!view) return view.error().what;
  if (view->width() != box.width || view->height() != box.height) return "size differs";
  return difference(*view, oracle, box.x, box.y);
}

void check_sample(BaselineDecoder& decoder, const SampleOptions& options, int box_count) {
  const auto bytes = make_sample(options);
  const Oracle oracle = decode_whole(bytes);
  ASSERT_TRUE(oracle.whole()) << name_of(options);
  Draws draws({.seed = options.width * 1000 + options.height});
  Box box{0, 0, options.width, options.height};
  for (int turn = 0; turn <= box_count; ++turn) {
    ASSERT_EQ(check_box(decoder, bytes, oracle, box), "")
        << name_of(options) << " box " << box.x << "," << box.y << " " << box.width << "x"
        << box.height;
    box = random_box(draws, options.width, options.height);
  }
}

TEST(BaselineDecoder, equals_libjpeg_turbo_in_every_small_size) {
  BaselineDecoder decoder;
  for (const Sampling& sampling : k_samplings) {
    for (uint32_t height = 1; height <= 67; height = height < 20 ? height + 1 : height + 9) {
      for (uint32_t width = 1; width <= 65; width = width < 20 ? width + 1 : width + 5) {
        check_sample(decoder, sample_of(sampling, width, height), 2);
      }
    }
  }
}

TEST(BaselineDecoder, equals_libjpeg_turbo_in_random_boxes_with_every_restart_interval) {
  BaselineDecoder decoder;
  for (const Sampling& sampling : k_samplings) {
    for (const uint32_t interval : {0u, 1u, 2u, 3u, 4u, 5u, 7u, 8u, 16u, 31u, 100u, 9999u}) {
      SampleOptions options = sample_of(sampling, 171, 133);
      options.restart_interval_mcus = interval;
      options.optimized = interval % 2 == 1;
      check_sample(decoder, options, 12);
    }
  }
}

TEST(BaselineDecoder, equals_libjpeg_turbo_at_every_quality) {
  BaselineDecoder decoder;
  for (const Sampling& sampling : k_samplings) {
    for (const int quality : {1, 5, 20, 50, 75, 92, 98, 100}) {
      for (const bool optimized : {false, true}) {
        SampleOptions options = sample_of(sampling, 200, 120);
        options.quality = quality;
        options.optimized = optimized;
        options.restart_interval_mcus = 5;
        check_sample(decoder, options, 4);
      }
    }
  }
}

TEST(BaselineDecoder, takes_or_refuses_every_kind_of_picture) {
  BaselineDecoder decoder;
  for (const SampleOptions& options : all_samples()) {
    const auto bytes = make_sample(options);
    const auto header = parse_header(bytes);
    ASSERT_TRUE(header) << name_of(options);
    const Box box{0, 0, options.width, options.height};
    const auto view = decoder.decode(bytes, *header, box);
    EXPECT_EQ(view.has_value(), is_own_kind(*header)) << name_of(options);
    if (view) {
      EXPECT_EQ(difference(*view, decode_whole(bytes), 0, 0), "") << name_of(options);
    }
  }
}

TEST(BaselineDecoder, refuses_boxes_outside_the_picture) {
  BaselineDecoder decoder;
  const auto bytes = make_sample({.width = 40, .height = 30});
  const auto header = parse_header(bytes).value();
  for (const Box box : {Box{0, 0, 0, 1}, Box{0, 0, 41, 1}, Box{40, 0, 1, 1}, Box{0, 29, 1, 2},
                        Box{1, 0, UINT32_MAX, 1}, Box{0, UINT32_MAX, 1, 1}}) {
    EXPECT_FALSE(decoder.decode(bytes, header, box));
    EXPECT_FALSE(decoder.decode_planes(bytes, header, box));
  }
}

TEST(BaselineDecoder, refuses_every_truncation) {
  BaselineDecoder decoder;
  for (const uint32_t interval : {0u, 2u}) {
    const auto bytes = make_sample({.width = 48, .height = 40, .restart_interval_mcus = interval});
    for (size_t size = 0; size < bytes.size(); ++size) {
      // A copy of its own, so that the address sanitizer sees a read past the end.
      const std::vector<std::byte> cut(bytes.begin(), bytes.begin() + static_cast<ptrdiff_t>(size));
      const auto header = parse_header(cut);
      if (header) {
        EXPECT_FALSE(decoder.decode(cut, *header, {0, 0, 48, 40})) << size;
      }
    }
  }
}

// Same pixels or a Failure; a Failure where libjpeg-turbo warns.
TEST(BaselineDecoder, never_gives_other_pixels_for_damaged_bytes) {
  BaselineDecoder decoder;
  Draws draws({.seed = 7});
  int taken = 0, refused = 0;
  for (int turn = 0; turn < 3000; ++turn) {
    auto bytes = make_sample({.width = 40,
                              .height = 24,
                              .optimized = turn % 3 == 0,
                              .restart_interval_mcus = draws.below(3)});
    const auto size = static_cast<uint32_t>(bytes.size());
    // Behind the JFIF segment, of whose version libjpeg-turbo warns.
    const uint32_t first = turn % 2 == 0 ? 20 : size * 3 / 4;
    const uint32_t place = first + draws.below(size - first);
    bytes[place] = static_cast<std::byte>(draws.below(256));
    const auto header = parse_header(bytes);
    if (!header) continue;
    const auto view = decoder.decode(bytes, *header, {0, 0, header->width, header->height});
    const Oracle oracle = decode_whole(bytes);
    if (view) {
      ASSERT_TRUE(oracle.whole()) << turn << " at " << place;
    }
    if (view) {
      ASSERT_EQ(difference(*view, oracle, 0, 0), "") << turn << " at " << place;
    }
    ++(view ? taken : refused);
  }
  EXPECT_GT(taken, 100);
  EXPECT_GT(refused, 100);
}

}  // namespace
}  // namespace headrace::jpeg
