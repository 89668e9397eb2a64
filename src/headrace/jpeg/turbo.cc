// jpeg_crop_scanline upsamples the outer columns of its crop as if the picture ended there, so the
// crop is taken wider than the box: by 1 pixel on the left (which it then aligns to a whole MCU)
// and 2 on the right, where a chroma sample's neighbor stands at most two pixels on.
// jpeg_skip_scanlines needs no such margin: it keeps the rows of context. turbo_test.cc proves both
// over many boxes.
#include "headrace/jpeg/turbo.h"

#include <algorithm>
#include <cstring>
#include <utility>
#include <vector>

#include "headrace/jpeg/header.h"
#include "headrace/jpeg/planes.h"
#include "headrace/jpeg/turbo_errors.h"

namespace headrace::jpeg {
namespace {

using Bytes = std::span<const std::byte>;

constexpr size_t k_readable_tail_bytes = 64;  // what ImageView promises

uint32_t divide_up(uint32_t value, uint32_t by) { return (value + by - 1) / by; }

}  // namespace

class TurboDecoder::State {
 public:
  State() { install(errors_); }
  State(State&&) = delete;

  // "" or why not. The libjpeg struct is made anew for each picture: one that is used again keeps
  // the tables of the file before, and a file without its own would be decoded by those.
  Failure run(Bytes bytes, Box box, uint32_t scale_denominator) {
    info_ = {};
    info_.err = &errors_.manager;
    if (setjmp(errors_.jump) == 0) {
      jpeg_create_decompress(&info_);
      limit_scans(info_, progress_);
      start(bytes, box, scale_denominator);
      read_rows();
      errors_.what = "";
    }
    const Failure failure{errors_.what, consumed_bytes(bytes)};
    jpeg_destroy_decompress(&info_);
    return failure;
  }
  const ImageView& view() const { return view_; }

 private:
  void start(Bytes bytes, Box box, uint32_t scale_denominator);
  void check_picture(Bytes bytes, Box box);
  void crop_columns();
  bool can_leave_out() const;
  void lay_out_planes();
  void read_rows();
  void store_row(uint32_t row);
  uint64_t consumed_bytes(Bytes bytes) const;

  jpeg_decompress_struct info_ = {};
  TurboErrors errors_;
  jpeg_progress_mgr progress_ = {};
  Box region_;                // in pixels of the scaled picture
  uint32_t crop_x_ = 0;       // first column that libjpeg delivers
  std::vector<uint8_t> row_;  // one row of libjpeg's crop
  std::vector<uint8_t> planes_;
  ImageView view_;
};

void TurboDecoder::State::start(Bytes bytes, Box box, uint32_t scale_denominator) {
  if (bytes.empty()) fail(errors_, "JPEG of no bytes");
  // libjpeg's interface of 1991 takes a pointer to non-const that it only reads through.
  jpeg_mem_src(&info_, reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size());
  jpeg_read_header(&info_, TRUE);
  check_picture(bytes, box);
  if (info_.num_components == 1) {
    info_.out_color_space = JCS_GRAYSCALE;
  } else {
    info_.out_color_space = info_.num_components == 4 ? JCS_CMYK : JCS_RGB;
  }
  info_.dct_method = JDCT_ISLOW;
  info_.do_fancy_upsampling = TRUE;
  info_.scale_num = 1;
  info_.scale_denom = scale_denominator;
  jpeg_start_decompress(&info_);
  const uint32_t by = scale_denominator;
  region_ = {.x = box.x / by, .y = box.y / by};
  region_.width = std::min(divide_up(box.x + box.width, by), info_.output_width) - region_.x;
  region_.height = std::min(divide_up(box.y + box.height, by), info_.output_height) - region_.y;
  crop_columns();
  lay_out_planes();
}

void TurboDecoder::State::check_picture(Bytes bytes, Box box) {
  const uint64_t width = info_.image_width, height = info_.image_height;
  if (width * height > k_max_pixels) fail(errors_, "JPEG has more than 357,913,940 pixels");
  const int count = info_.num_components;
  if (count != 1 && count != 3 && count != 4) {
    fail(errors_, "JPEG has neither 1, 3 nor 4 components");
  }
  if (box.width == 0 || box.height == 0 || uint64_t{box.x} + box.width > width ||
      uint64_t{box.y} + box.height > height) {
    fail(errors_, "the crop box is not inside the picture");
  }
  if (!has_end_marker(bytes, consumed_bytes(bytes))) {
    fail(errors_, "JPEG is cut short: it has no end marker");
  }
}

void TurboDecoder::State::crop_columns() {
  crop_x_ = 0;
  const uint32_t end = region_.x + region_.width;
  if ((region_.x == 0 && end == info_.output_width) || !can_leave_out()) return;
  crop_x_ = region_.x - std::min(region_.x, 1u);
  uint32_t width = std::min(end + 2, info_.output_width) - crop_x_;
  jpeg_crop_scanline(&info_, &crop_x_, &width);
}

// At 4x2 sampling and a scaled DCT, libjpeg-turbo 2.1.5 gives other pixels after a crop or a skip.
// A progressive picture that lacks its last scans is smoothed over block borders, which a crop
// would move.
bool TurboDecoder::State::can_leave_out() const {
  if (info_.scale_denom != 1 && info_.max_h_samp_factor > 2) return false;
  if (info_.coef_bits == nullptr) return true;
  for (int component = 0; component < info_.num_components; ++component) {
    const int* missing_bits = info_.coef_bits[component];
    if (std::any_of(missing_bits, missing_bits + DCTSIZE2, [](int bits) { return bits != 0; })) {
      return false;
    }
  }
  return true;
}

void TurboDecoder::State::lay_out_planes() {
  const size_t plane_bytes = size_t{region_.width} * region_.height;
  const size_t plane_count = info_.out_color_space == JCS_GRAYSCALE ? 1 : 3;
  const size_t needed_bytes = plane_bytes * plane_count + k_readable_tail_bytes;
  if (planes_.size() < needed_bytes) planes_.resize(needed_bytes);
  const size_t row_bytes =
      size_t{info_.output_width} * static_cast<size_t>(info_.output_components);
  if (row_.size() < row_bytes) row_.resize(row_bytes);
  for (size_t plane = 0; plane < 3; ++plane) {
    view_.planes[plane] = {.data = planes_.data() + (plane_count == 1 ? 0 : plane * plane_bytes),
                           .stride_bytes = region_.width,
                           .width = region_.width,
                           .height = region_.height};
  }
}

void TurboDecoder::State::read_rows() {
  JSAMPROW target = row_.data();
  if (can_leave_out() && region_.y > 0) jpeg_skip_scanlines(&info_, region_.y);
  while (info_.output_scanline < region_.y) jpeg_read_scanlines(&info_, &target, 1);
  for (uint32_t row = 0; row < region_.height; ++row) {
    if (jpeg_read_scanlines(&info_, &target, 1) != 1) fail(errors_, "JPEG has too few rows");
    store_row(row);
  }
}

void TurboDecoder::State::store_row(uint32_t row) {
  const size_t plane_bytes = size_t{region_.width} * region_.height;
  uint8_t* first = planes_.data() + size_t{row} * region_.width;
  const RgbRow target{first, first + plane_bytes, first + 2 * plane_bytes};
  const size_t skip_pixels = region_.x - crop_x_;
  switch (info_.out_color_space) {
    case JCS_GRAYSCALE:
      std::memcpy(first, row_.data() + skip_pixels, region_.width);
      break;
    case JCS_CMYK:
      convert_cmyk(row_.data() + 4 * skip_pixels, region_.width, target);
      break;
    default:
      split_rgb(row_.data() + 3 * skip_pixels, region_.width, target);
      break;
  }
}

uint64_t TurboDecoder::State::consumed_bytes(Bytes bytes) const {
  if (info_.src == nullptr) return 0;
  const auto* next = reinterpret_cast<const std::byte*>(info_.src->next_input_byte);
  // At the end of the data libjpeg reads from a made-up end marker of its own.
  const bool inside = next >= bytes.data() && next <= bytes.data() + bytes.size();
  return inside ? static_cast<uint64_t>(next - bytes.data()) : bytes.size();
}

TurboDecoder::TurboDecoder() : state_(std::make_unique<State>()) {}
TurboDecoder::TurboDecoder(TurboDecoder&&) noexcept = default;
TurboDecoder& TurboDecoder::operator=(TurboDecoder&&) noexcept = default;
TurboDecoder::~TurboDecoder() = default;

std::expected<ImageView, Failure> TurboDecoder::decode(Bytes bytes, Box box,
                                                       const TurboOptions& options) {
  const Failure failure = state_->run(bytes, box, options.scale_denominator);
  if (failure.what[0] != '\0') return std::unexpected(failure);
  return state_->view();
}

}  // namespace headrace::jpeg
