// What a launch needs, and the host twin.
#include "headrace/kernels/pictures.h"

#include <algorithm>
#include <vector>

#include "headrace/base/check.h"
#include "headrace/kernels/pictures-inl.h"
#include "headrace/ops/pixel_format.h"

namespace headrace::kernels {

size_t size_of(Element element) {
  switch (element) {
    case Element::uint8:
      return 1;
    case Element::float16:
    case Element::bfloat16:
      return 2;
    case Element::float32:
      return 4;
  }
  HR_CHECK(false);
}

namespace {

Element element_of(ops::Type type) {
  switch (type) {
    case ops::Type::uint8:
      return Element::uint8;
    case ops::Type::float16:
      return Element::float16;
    case ops::Type::bfloat16:
      return Element::bfloat16;
    default:
      return Element::float32;
  }
}

// What ops/weights.h asks of an axis; a kernel cannot say what is wrong.
void check_axis(const ops::AxisSpec& spec, uint32_t target) {
  HR_CHECK(spec.target == target, "{} where the format has {}", spec.target, target);
  HR_CHECK(spec.size > 0 && spec.count > 0 && spec.step > 0);
  HR_CHECK(spec.skipped + uint64_t{target} <= spec.resized, "resized {}", spec.resized);
}

}  // namespace

PictureFormat format_of(const ops::PixelWriter& writer) {
  PictureFormat format{.width = writer.format().width,
                       .height = writer.format().height,
                       .planar = writer.format().layout == ops::Layout::chw,
                       .element = element_of(writer.format().type)};
  for (size_t color = 0; color < 3; ++color) {
    format.offset[color] = writer.offset(color);
    format.factor[color] = writer.factor(color);
  }
  return format;
}

PictureLaunch plan_launch(std::span<const Picture> pictures, PictureBatch& batch) {
  const PictureFormat& format = batch.format;
  HR_CHECK(pictures.size() == batch.picture_count, "{} pictures", batch.picture_count);
  PictureLaunch launch;
  uint64_t words = 0;
  for (const Picture& picture : pictures) {
    check_axis(picture.columns, width_of(format, picture));
    check_axis(picture.rows, height_of(format, picture));
    HR_CHECK(uint64_t{3} * picture.columns.count <= picture.stride_bytes);
    launch.tile_count = std::max(launch.tile_count, tiles_of(format, picture));
    for (uint32_t tile = 0; tile < tiles_across(format, picture); ++tile) {
      const uint64_t wanted = Tile(format, picture, tile).words();
      if (wanted <= k_shared_words_most) words = std::max(words, wanted);
    }
  }
  batch.shared_words = static_cast<uint32_t>(words);
  return launch;
}

void run_pictures(const PictureBatch& batch, const PictureLaunch& launch) {
  std::vector<uint16_t> shared(batch.shared_words);
  for (uint32_t picture = 0; picture < batch.picture_count; ++picture) {
    for (uint32_t tile = 0; tile < launch.tile_count; ++tile) {
      make_pictures(batch, {.x = tile, .y = picture}, shared.data());
    }
  }
}

}  // namespace headrace::kernels
