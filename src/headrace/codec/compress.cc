// The writing half of codec.h: frames as the command-line tools write them, with size and checksum.
#include <libdeflate.h>
#include <lz4frame.h>
#include <lz4hc.h>
#include <zstd.h>

#include "headrace/base/check.h"
#include "headrace/codec/codec.h"
#include "headrace/codec/snappy_frame.h"

namespace headrace::codec {
namespace {

using Bytes = std::span<const std::byte>;

std::vector<std::byte> zstd_frame(Bytes bytes, int level) {
  const std::unique_ptr<ZSTD_CCtx, decltype(&ZSTD_freeCCtx)> context(ZSTD_createCCtx(),
                                                                     ZSTD_freeCCtx);
  HR_CHECK(context != nullptr, "out of memory");
  ZSTD_CCtx_setParameter(context.get(), ZSTD_c_compressionLevel, level);
  ZSTD_CCtx_setParameter(context.get(), ZSTD_c_checksumFlag, 1);
  std::vector<std::byte> made(ZSTD_compressBound(bytes.size()));
  const size_t size =
      ZSTD_compress2(context.get(), made.data(), made.size(), bytes.data(), bytes.size());
  HR_CHECK(ZSTD_isError(size) == 0U, "zstd: {}", ZSTD_getErrorName(size));
  made.resize(size);
  return made;
}

std::vector<std::byte> lz4_frame(Bytes bytes, int level) {
  LZ4F_preferences_t wanted = LZ4F_INIT_PREFERENCES;
  wanted.compressionLevel = level;
  wanted.frameInfo.contentSize = bytes.size();
  wanted.frameInfo.contentChecksumFlag = LZ4F_contentChecksumEnabled;
  // Whole fields fit one block, which decodes straight into its place.
  wanted.frameInfo.blockSizeID = LZ4F_max4MB;
  wanted.frameInfo.blockMode = LZ4F_blockIndependent;  // side by side, as on a device
  std::vector<std::byte> made(LZ4F_compressFrameBound(bytes.size(), &wanted));
  const size_t size =
      LZ4F_compressFrame(made.data(), made.size(), bytes.data(), bytes.size(), &wanted);
  HR_CHECK(LZ4F_isError(size) == 0U, "lz4: {}", LZ4F_getErrorName(size));
  made.resize(size);
  return made;
}

std::vector<std::byte> gzip_member(Bytes bytes, int level) {
  const std::unique_ptr<libdeflate_compressor, decltype(&libdeflate_free_compressor)> context(
      libdeflate_alloc_compressor(level), libdeflate_free_compressor);
  HR_CHECK(context != nullptr, "level {}", level);
  std::vector<std::byte> made(libdeflate_gzip_compress_bound(context.get(), bytes.size()));
  const size_t size =
      libdeflate_gzip_compress(context.get(), bytes.data(), bytes.size(), made.data(), made.size());
  HR_CHECK(size > 0, "{} bytes", bytes.size());
  made.resize(size);
  return made;
}

}  // namespace

std::optional<Level> level_of(Kind kind) {
  switch (kind) {
    case Kind::zstd:
      return Level{.least = 1, .most = 19, .standard = 3};
    case Kind::lz4:
      return Level{.least = 0, .most = LZ4HC_CLEVEL_MAX, .standard = 0};
    case Kind::gzip:
      return Level{.least = 1, .most = 12, .standard = 6};
    case Kind::snappy:
      return Level{.least = 1, .most = 1, .standard = 1};
    case Kind::none:
    case Kind::lz4_block:
    case Kind::snappy_block:
      break;
  }
  return std::nullopt;
}

std::vector<std::byte> compressed(Kind kind, Bytes bytes, int level) {
  HR_CHECK(level_of(kind), "{}", name_of(kind));
  if (kind == Kind::zstd) return zstd_frame(bytes, level);
  if (kind == Kind::snappy) return snappy_frame(bytes);
  return kind == Kind::lz4 ? lz4_frame(bytes, level) : gzip_member(bytes, level);
}

}  // namespace headrace::codec
