// JPEG, PNG or WebP to the sample's row: decode the part that the crop shows, resize, flip,
// normalize. Thread safety: const; buffers are in its scratch.
// 1. Values are within 1 of Pillow's (before normalization), where the picture is decoded at full
// size: decoding a JPEG at 1/2, 1/4 or 1/8, on where the crop is at least 2, 4 or 8 times the
// target, averages pixels first and so differs a little more; `dct_scaling = false` turns it off.
// 2. Decode::fast resizes luma and color of a JPEG of the common kinds (jpeg::is_own_kind) apart
// and makes red, green and blue at the target's size; other pictures are decoded exactly.
// 3. Draws are scale, ratio, row, column of each try, then the flip.
#pragma once

#include <optional>

#include "headrace/jpeg/header.h"
#include "headrace/ops/crop.h"
#include "headrace/ops/op.h"
#include "headrace/ops/picture.h"
#include "headrace/ops/pixel_format.h"

namespace headrace::ops {

enum class Crop { random_resized, center, none };
enum class Decode { exact, fast, gpu, automatic };  // by this operator, the last two are exact

struct ImageOptions {
  Crop crop = Crop::random_resized;
  RandomCropOptions random = {};
  uint32_t shorter = 256;  // for center: what the shorter side is resized to before the cut
  double flip_probability = 0;
  Decode decode = Decode::exact;
  bool dct_scaling = true;
  bool upright = true;  // follow EXIF's orientation
  uint64_t limit_pixels = k_default_limit_pixels;
  PixelFormat format = {};
};

// What a decoder that gives all pixels of the stored picture must know to make its row.
struct Shown {
  Extent stored;
  Reach reach;  // whose axes count from its decoded box
  bool transpose = false;
  bool baseline = false;  // one scan of baseline codes
};

class Image final : public Op {
 public:
  explicit Image(const ImageOptions& options);  // throws Error: what is wrong with the options
  TensorSpec output() const override { return spec_of(writer_.format()); }
  std::unique_ptr<Scratch> make_scratch() const override;
  std::expected<void, Failure> run(std::span<const std::byte> bytes, const Context& context,
                                   Scratch& scratch,
                                   std::span<std::byte> row) const noexcept override;
  // Of a JPEG that common decoders take: 8 bits, Huffman codes, grey or YCbCr. Nothing for others,
  // and where run() would say what is wrong.
  std::optional<Shown> shown_of(std::span<const std::byte> bytes,
                                const DrawKey& key) const noexcept;
  const PixelWriter& writer() const { return writer_; }

 private:
  class Buffers;
  struct Pose;
  struct Source;
  Pose draw_pose(Extent stored, uint8_t exif, const DrawKey& key) const;
  std::expected<Source, Failure> decode(std::span<const std::byte> bytes, const DrawKey& key,
                                        Buffers& buffers) const;
  std::optional<Source> decode_apart(std::span<const std::byte> bytes, const jpeg::Header& header,
                                     const Pose& pose, Buffers& buffers) const;
  std::expected<Source, Failure> decode_jpeg(std::span<const std::byte> bytes, const DrawKey& key,
                                             Buffers& buffers) const;
  static void make_strips(const Source& source, Buffers& buffers, PixelRows& rows);
  void resize(const Source& source, Buffers& buffers, std::span<std::byte> row) const;

  ImageOptions options_;
  PixelWriter writer_;
};

}  // namespace headrace::ops
