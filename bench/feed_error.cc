// libjpeg-turbo decodes beside the own decoder; then each photograph goes through both operators
// with the same draws.
#include "feed_error.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "headrace/base/error.h"
#include "headrace/jpeg/decoder.h"
#include "headrace/ops/image.h"
#include "turbo_decode.h"

namespace headrace::bench {
namespace {

class Subject {
 public:
  explicit Subject(ops::Decode decode)
      : op_({.flip_probability = 0.5, .decode = decode, .format = {.type = ops::Type::uint8}}),
        scratch_(op_.make_scratch()),
        row_(op_.output().row_bytes()) {}
  const std::vector<std::byte>& run(const std::vector<std::byte>& picture, const DrawKey& draw) {
    if (const auto made = op_.run(picture, {.draw = draw}, *scratch_, row_); !made) {
      throw Error({.action = "cannot decode a photograph", .cause = made.error().what});
    }
    return row_;
  }

 private:
  ops::Image op_;
  std::unique_ptr<ops::Scratch> scratch_;
  std::vector<std::byte> row_;
};

// Counts of values by how far they are apart.
using Distances = std::array<uint64_t, 256>;

double psnr_db(const Distances& distances) {
  double squares = 0, count = 0;
  for (size_t distance = 0; distance < distances.size(); ++distance) {
    const auto values = static_cast<double>(distances[distance]);
    squares += values * static_cast<double>(distance * distance);
    count += values;
  }
  return squares == 0 ? 99 : 10 * std::log10(255 * 255 * count / squares);
}

Distances distances_of(const std::vector<std::byte>& fast, const std::vector<std::byte>& exact) {
  Distances distances{};
  for (size_t index = 0; index < fast.size(); ++index) {
    const int distance = static_cast<int>(fast[index]) - static_cast<int>(exact[index]);
    ++distances[static_cast<size_t>(std::abs(distance))];
  }
  return distances;
}

bool is_same(const jpeg::ImageView& view, const std::vector<uint8_t>& rgb) {
  size_t index = 0;
  for (uint32_t row = 0; row < view.height(); ++row) {
    for (uint32_t column = 0; column < view.width(); ++column) {
      for (const jpeg::PlaneView& plane : view.planes) {
        if (plane.data[row * plane.stride_bytes + column] != rgb[index++]) return false;
      }
    }
  }
  return true;
}

}  // namespace

void print_exactness(const std::string& name, const std::vector<std::vector<std::byte>>& pictures) {
  jpeg::Decoder decoder;
  std::vector<uint8_t> rgb;
  size_t equal_count = 0, own_count = 0;
  for (const auto& picture : pictures) {
    const auto header = jpeg::parse_header(picture);
    if (!header) continue;
    const auto view = decoder.decode(picture, *header, {0, 0, header->width, header->height}, 1);
    turbo_decode(picture, rgb);
    equal_count += view && is_same(*view, rgb);
    own_count += jpeg::is_own_kind(*header);
  }
  fmt::print("\n{}: {} of {} pictures have libjpeg-turbo's pixels, {} by the own decoder\n", name,
             equal_count, pictures.size(), own_count);
}

void print_error(const std::vector<std::vector<std::byte>>& pictures) {
  Subject fast(ops::Decode::fast), exact(ops::Decode::exact);
  Distances all{};
  double lowest_db = 99;
  for (size_t index = 0; index < pictures.size(); ++index) {
    const DrawKey draw{.seed = 1, .sample_id = index};
    const Distances one =
        distances_of(fast.run(pictures[index], draw), exact.run(pictures[index], draw));
    lowest_db = std::min(lowest_db, psnr_db(one));
    for (size_t distance = 0; distance < all.size(); ++distance) all[distance] += one[distance];
  }
  double count = 0, sum = 0, beyond = 0;
  size_t most = 0;
  for (size_t distance = 0; distance < all.size(); ++distance) {
    const auto values = static_cast<double>(all[distance]);
    count += values;
    sum += values * static_cast<double>(distance);
    if (distance > 4) beyond += values;
    if (all[distance] > 0) most = distance;
  }
  fmt::print(
      "\nfast against exact, {} photographs, {:.0f} values of 0 to 255:\n"
      "  PSNR {:.2f} dB (lowest picture {:.2f}), mean {:.3f}, most {}, {:.3f} % differ by more "
      "than 4\n",
      pictures.size(), count, psnr_db(all), lowest_db, sum / count, most, 100 * beyond / count);
}

}  // namespace headrace::bench
