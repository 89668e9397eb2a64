// libpng reports errors by longjmp: the frame that it returns to holds nothing with a destructor.
#include "headrace/ops/png.h"

#include <png.h>

#include <algorithm>
#include <cstring>
#include <new>

namespace headrace::ops {
namespace {

constexpr png_alloc_size_t k_max_chunk_bytes = 8 << 20;  // of color profiles and the like
constexpr png_uint_32 k_max_png_side = 1'000'000;        // libpng's own limit

struct Source {
  std::span<const std::byte> bytes;
  size_t used_bytes = 0;
  const char* failure = "broken PNG";
};

void read_bytes(png_structp png, png_bytep target, size_t size_bytes) {
  auto* source = static_cast<Source*>(png_get_io_ptr(png));
  if (source->bytes.size() - source->used_bytes < size_bytes) {
    source->failure = "PNG ends early";
    png_error(png, "");
  }
  std::memcpy(target, source->bytes.data() + source->used_bytes, size_bytes);
  source->used_bytes += size_bytes;
}

[[noreturn]] void on_error(png_structp png, png_const_charp) { png_longjmp(png, 1); }
void on_warning(png_structp, png_const_charp) {}

void ask_for_rgb(png_structp png, png_infop info) {
  const png_byte color = png_get_color_type(png, info);
  if (color == PNG_COLOR_TYPE_PALETTE) png_set_palette_to_rgb(png);
  if (color == PNG_COLOR_TYPE_GRAY) png_set_expand_gray_1_2_4_to_8(png);
  png_set_strip_16(png);
  png_set_strip_alpha(png);
  if ((color & PNG_COLOR_MASK_COLOR) == 0) png_set_gray_to_rgb(png);
}

void read_rows(png_structp png, png_infop info, Source& source, Picture& picture) {
  const int passes = png_set_interlace_handling(png);
  png_read_update_info(png, info);
  const uint32_t height = picture.height();
  const size_t row_bytes = size_t{3} * picture.width();
  if (png_get_rowbytes(png, info) != row_bytes) {
    source.failure = "PNG of an unknown color type";
    png_error(png, "");
  }
  uint8_t* rows = picture.mixed(passes == 1 ? row_bytes : row_bytes * height);
  for (int pass = 0; pass < passes; ++pass) {
    for (uint32_t y = 0; y < height; ++y) {
      uint8_t* row = passes == 1 ? rows : rows + y * row_bytes;
      png_read_row(png, row, nullptr);
      if (pass + 1 == passes) picture.set_row(y, row);
    }
  }
}

// False after any of libpng's errors.
bool read_picture(png_structp png, png_infop info, Source& source, uint64_t limit_pixels,
                  Picture& picture) {
  if (setjmp(png_jmpbuf(png)) != 0) return false;
  png_set_read_fn(png, &source, read_bytes);
  png_set_user_limits(png, k_max_png_side, k_max_png_side);
  png_set_chunk_malloc_max(png, k_max_chunk_bytes);
  png_read_info(png, info);
  const png_uint_32 width = png_get_image_width(png, info);
  const png_uint_32 height = png_get_image_height(png, info);
  if (uint64_t{width} * height > limit_pixels) {
    source.failure = "PNG has more pixels than the limit";
    return false;
  }
  picture.resize(width, height);
  ask_for_rgb(png, info);
  read_rows(png, info, source, picture);
  return true;
}

}  // namespace

PictureResult decode_png(std::span<const std::byte> bytes, uint64_t limit_pixels,
                         Picture& picture) {
  Source source{.bytes = bytes};
  png_structp png = png_create_read_struct(PNG_LIBPNG_VER_STRING, nullptr, on_error, on_warning);
  png_infop info = png == nullptr ? nullptr : png_create_info_struct(png);
  bool read = false;
  try {
    read = info != nullptr && read_picture(png, info, source, limit_pixels, picture);
  } catch (const std::bad_alloc&) {
    source.failure = "no memory for the PNG's pixels";
  }
  png_destroy_read_struct(&png, &info, nullptr);
  if (!read) return std::unexpected(Failure{source.failure, source.used_bytes});
  return {};
}

}  // namespace headrace::ops
