// The path of one picture: pose (crop, flip, orientation), pixels, strips.
#include "headrace/ops/image.h"

#include <algorithm>
#include <new>

#include "headrace/base/check.h"
#include "headrace/base/clock.h"
#include "headrace/base/error.h"
#include "headrace/jpeg/color.h"
#include "headrace/jpeg/decoder.h"
#include "headrace/jpeg/header.h"
#include "headrace/ops/png.h"
#include "headrace/ops/resize.h"
#include "headrace/ops/webp.h"

namespace headrace::ops {
namespace {

void check(const ImageOptions& options) {
  const auto refuse = [](const char* cause) {
    throw Error({.code = Code::invalid_argument, .action = "cannot crop pictures", .cause = cause});
  };
  const RandomCropOptions& random = options.random;
  if (!(random.scale_low > 0 && random.scale_low <= random.scale_high && random.scale_high <= 1)) {
    refuse("scale must be two shares within 0 to 1, the lower first");
  }
  if (!(random.ratio_low > 0 && random.ratio_low <= random.ratio_high &&
        random.ratio_high <= 1000)) {
    refuse("ratio must be two numbers within 0 to 1000, the lower first");
  }
  if (!(options.flip_probability >= 0 && options.flip_probability <= 1)) {
    refuse("the flip's probability is not within 0 to 1");
  }
  const PixelFormat& format = options.format;
  if (options.crop == Crop::center && std::max(format.width, format.height) > options.shorter) {
    refuse("the target is larger than the picture that it is cut from");
  }
}

// Rows of a strip become columns of whole planes, `height` wide and `width` high.
void turn(const PixelRows& rows, uint32_t width, uint32_t height, std::vector<uint8_t>& turned) {
  const size_t stride_bytes = height + k_row_padding_bytes;
  turned.resize(3 * width * stride_bytes);
  for (size_t c = 0; c < 3; ++c) {
    uint8_t* plane = turned.data() + c * width * stride_bytes + rows.first_row;
    for (uint32_t r = 0; r < rows.row_count; ++r) {
      const uint8_t* from = rows.planes[c].data + r * rows.planes[c].stride_bytes;
      for (uint32_t x = 0; x < width; ++x) plane[x * stride_bytes + r] = from[x];
    }
  }
}

PixelRows turned_rows(std::vector<uint8_t>& turned, uint32_t width, uint32_t height) {
  const size_t stride_bytes = width + k_row_padding_bytes;
  PixelRows rows{.planes = {}, .first_row = 0, .row_count = height};
  for (size_t c = 0; c < 3; ++c) {
    rows.planes[c] = {turned.data() + c * height * stride_bytes, stride_bytes};
  }
  return rows;
}

std::unexpected<Failure> refused(const jpeg::Failure& failure) {
  return std::unexpected(Failure{failure.what, failure.offset_bytes});
}

}  // namespace

// What to show of a picture, in stored coordinates, and how to lay it out.
struct Image::Pose {
  Frame frame;
  Orientation orientation;  // with the flip
};

struct Image::Source {
  jpeg::ImageView view;
  Reach reach;
  bool transpose = false;
  bool is_ycbcr = false;  // of planes 1 and 2 with axes of their own
  AxisSpec color_columns = {}, color_rows = {};
};

class Image::Buffers final : public Scratch {
 public:
  Laps* laps = nullptr;
  jpeg::Decoder decoder;
  Picture picture;
  Resizer resizer, color_resizer;
  std::vector<uint8_t> strips;  // k_strip_rows of each color
  std::vector<uint8_t> turned;  // whole planes, where rows become columns
};

Image::Image(const ImageOptions& options) : options_(options), writer_(options.format) {
  check(options);
}

std::unique_ptr<Scratch> Image::make_scratch() const { return std::make_unique<Buffers>(); }

std::expected<void, Failure> Image::run(std::span<const std::byte> bytes, const Context& context,
                                        Scratch& scratch, std::span<std::byte> row) const noexcept
    try {
  auto& buffers = static_cast<Buffers&>(scratch);
  buffers.laps = context.laps;
  buffers.decoder.record(context.laps);
  const uint64_t start_ns = steady_now_ns();
  const auto source = decode(bytes, context.draw, buffers);
  if (!source) return std::unexpected(source.error());
  const uint64_t decoded_ns = steady_now_ns();
  resize(*source, buffers, row);
  if (context.times != nullptr) {
    const uint64_t end_ns = steady_now_ns();
    context.times->add(observe::Stage::decode, decoded_ns - start_ns, 1);
    context.times->add(observe::Stage::resize, end_ns - decoded_ns, 1);
    context.tracer.note("decode", start_ns, decoded_ns, 1);
    context.tracer.note("resize", decoded_ns, end_ns, 1);
  }
  return {};
} catch (const std::bad_alloc&) {
  return std::unexpected(Failure{"no memory for the picture's pixels", 0});
}

Image::Pose Image::draw_pose(Extent stored, uint8_t exif, const DrawKey& key) const {
  Orientation orientation = orientation_of(options_.upright ? exif : 1);
  const Extent picture = transposed(stored, orientation.transpose);
  const Extent target{options_.format.width, options_.format.height};
  Draws draws(key);
  Frame frame;
  switch (options_.crop) {
    case Crop::random_resized:
      frame = frame_of(random_resized_crop(picture, options_.random, draws), target);
      break;
    case Crop::center:
      frame = center_crop(picture, target, options_.shorter);
      break;
    case Crop::none:
      frame = frame_of({0, 0, picture.width, picture.height}, target);
      break;
  }
  frame = stored_frame(frame, stored, orientation);
  if (options_.flip_probability > 0 && draws.uniform() < options_.flip_probability) {
    bool& mirror = orientation.transpose ? orientation.mirror_y : orientation.mirror_x;
    mirror = !mirror;
  }
  return {frame, orientation};
}

std::expected<Image::Source, Failure> Image::decode(std::span<const std::byte> bytes,
                                                    const DrawKey& key, Buffers& buffers) const {
  PictureResult done;
  switch (kind_of(bytes)) {
    case PictureKind::jpeg:
      return decode_jpeg(bytes, key, buffers);
    case PictureKind::png:
      done = decode_png(bytes, options_.limit_pixels, buffers.picture);
      break;
    case PictureKind::webp:
      done = decode_webp(bytes, options_.limit_pixels, buffers.picture);
      break;
    case PictureKind::unknown:
      return std::unexpected(Failure{"neither JPEG, PNG nor WebP by its first bytes", 0});
  }
  if (!done) return std::unexpected(done.error());
  const Picture& picture = buffers.picture;
  const Pose pose = draw_pose({picture.width(), picture.height()}, 1, key);
  const Reach reach = reach_of(pose.frame, 1, pose.orientation);
  return Source{part_of(picture.view(), reach.decoded), reach, pose.orientation.transpose};
}

// Luma, blue and red difference at the sizes they are coded in; none where the picture must be
// decoded exactly.
std::optional<Image::Source> Image::decode_apart(std::span<const std::byte> bytes,
                                                 const jpeg::Header& header, const Pose& pose,
                                                 Buffers& buffers) const {
  const uint32_t coarsest_step = std::max(header.max_horizontal(), header.max_vertical());
  const Reach reach = reach_of(pose.frame, 1, pose.orientation, coarsest_step);
  const auto coded = buffers.decoder.decode_planes(bytes, header, reach.decoded);
  if (!coded) return std::nullopt;
  const jpeg::PlaneView luma = coded->planes[0].view;
  Source source{{{luma, luma, luma}}, reach, pose.orientation.transpose};
  if (coded->count == 1) return source;
  const jpeg::SampledPlane& color = coded->planes[1];
  source.is_ycbcr = true;
  for (size_t c = 1; c < 3; ++c) source.view.planes[c] = coded->planes[c].view;
  source.color_columns =
      coarser(reach.columns, {color.pixels_wide, color.offset_x, color.view.width});
  source.color_rows = coarser(reach.rows, {color.pixels_high, color.offset_y, color.view.height});
  return source;
}

std::expected<Image::Source, Failure> Image::decode_jpeg(std::span<const std::byte> bytes,
                                                         const DrawKey& key,
                                                         Buffers& buffers) const {
  const auto header = jpeg::parse_header(bytes);
  if (!header) return refused(header.error());
  if (uint64_t{header->width} * header->height > options_.limit_pixels) {
    return std::unexpected(Failure{"JPEG has more pixels than the limit", 0});
  }
  const Pose pose = draw_pose({header->width, header->height}, header->exif_orientation, key);
  if (options_.decode == Decode::fast) {
    if (const auto source = decode_apart(bytes, *header, pose, buffers)) return *source;
  }
  const uint32_t scale = options_.dct_scaling ? scale_denominator(pose.frame) : 1;
  const Reach reach = reach_of(pose.frame, scale, pose.orientation);
  const auto view = buffers.decoder.decode(bytes, *header, reach.decoded, scale);
  if (!view) return refused(view.error());
  return Source{*view, reach, pose.orientation.transpose};
}

std::optional<Shown> Image::shown_of(std::span<const std::byte> bytes,
                                     const DrawKey& key) const noexcept {
  if (kind_of(bytes) != PictureKind::jpeg) return std::nullopt;
  const auto header = jpeg::parse_header(bytes);
  if (!header || uint64_t{header->width} * header->height > options_.limit_pixels) {
    return std::nullopt;
  }
  const bool is_common =
      header->precision_bits == 8 && header->process <= jpeg::Process::progressive &&
      (header->color == jpeg::Color::grey || header->color == jpeg::Color::ycbcr) &&
      jpeg::has_end_marker(bytes, header->scan.offset_bytes);
  if (!is_common) return std::nullopt;
  const Pose pose = draw_pose({header->width, header->height}, header->exif_orientation, key);
  return Shown{.stored = {header->width, header->height},
               .reach = reach_of(pose.frame, 1, pose.orientation),
               .transpose = pose.orientation.transpose,
               .baseline = header->process == jpeg::Process::baseline &&
                           header->scan.component_count == header->component_count};
}

// One strip of red, green and blue.
void Image::make_strips(const Source& source, Buffers& buffers, PixelRows& rows) {
  Resizer& color_resizer = source.is_ycbcr ? buffers.color_resizer : buffers.resizer;
  const auto& planes = source.view.planes;
  buffers.resizer.strip(planes[0], rows.first_row, rows.planes[0]);
  for (size_t c = 1; c < 3; ++c) {
    if (planes[c].data == planes[0].data) {  // grey
      rows.planes[c] = rows.planes[0];
    } else {
      color_resizer.strip(planes[c], rows.first_row, rows.planes[c]);
    }
  }
  mark(buffers.laps, Part::resize);
  for (uint32_t r = 0; source.is_ycbcr && r < rows.row_count; ++r) {
    uint8_t* line[3];
    for (size_t c = 0; c < 3; ++c) line[c] = rows.planes[c].data + r * rows.planes[c].stride_bytes;
    jpeg::convert_ycbcr({line[0], line[1], line[2]}, buffers.resizer.width(),
                        {line[0], line[1], line[2]});
  }
  mark(buffers.laps, Part::color);
}

void Image::resize(const Source& source, Buffers& buffers, std::span<std::byte> row) const {
  Resizer& resizer = buffers.resizer;
  resizer.prepare(source.reach.columns, source.reach.rows);
  if (source.is_ycbcr) buffers.color_resizer.prepare(source.color_columns, source.color_rows);
  const uint32_t width = resizer.width();
  const uint32_t height = resizer.height();
  const size_t stride_bytes = width + k_row_padding_bytes;
  buffers.strips.resize(3 * k_strip_rows * stride_bytes);
  PixelRows rows;
  for (size_t c = 0; c < 3; ++c) {
    rows.planes[c] = {buffers.strips.data() + c * k_strip_rows * stride_bytes, stride_bytes};
  }
  for (uint32_t y = 0; y < height; y += k_strip_rows) {
    rows.first_row = y;
    rows.row_count = std::min(k_strip_rows, height - y);
    make_strips(source, buffers, rows);
    if (source.transpose) {
      turn(rows, width, height, buffers.turned);
    } else {
      writer_.write(rows, row);
    }
    mark(buffers.laps, Part::write);
  }
  if (source.transpose) writer_.write(turned_rows(buffers.turned, height, width), row);
}

}  // namespace headrace::ops
