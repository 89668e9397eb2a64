// A page announces its size, which is believed up to 1 GiB and as far as its codec can shrink
// bytes.
#include "headrace/formats/parquet_codecs.h"

#include <zlib.h>
#include <zstd.h>

#include "headrace/formats/snappy.h"

namespace headrace::formats {
namespace {

using PlainPage = std::expected<std::vector<std::byte>, std::string>;
using PageBytes = std::span<const std::byte>;

constexpr uint64_t k_page_limit_bytes = uint64_t{1} << 30;
constexpr uint64_t k_deflate_ratio = 1032;  // the most that Deflate shrinks

std::unexpected<std::string> wrong_size(uint64_t made_bytes, uint64_t plain_bytes) {
  return std::unexpected(
      fmt::format("it has {} bytes decompressed where it says {}", made_bytes, plain_bytes));
}

PlainPage from_zstd(PageBytes page, uint64_t plain_bytes) {
  const uint64_t said = ZSTD_getFrameContentSize(page.data(), page.size());
  if (said != ZSTD_CONTENTSIZE_UNKNOWN && said != plain_bytes) {
    return said == ZSTD_CONTENTSIZE_ERROR ? std::unexpected(std::string("it is no Zstandard frame"))
                                          : wrong_size(said, plain_bytes);
  }
  std::vector<std::byte> made(plain_bytes);
  const size_t size = ZSTD_decompress(made.data(), made.size(), page.data(), page.size());
  if (ZSTD_isError(size)) return std::unexpected(std::string(ZSTD_getErrorName(size)));
  if (size != plain_bytes) return wrong_size(size, plain_bytes);
  return made;
}

PlainPage from_gzip(PageBytes page, uint64_t plain_bytes) {
  if (plain_bytes / k_deflate_ratio > page.size()) return wrong_size(page.size(), plain_bytes);
  std::vector<std::byte> made(plain_bytes);
  z_stream state = {};
  // zlib does not write to what it reads.
  state.next_in = reinterpret_cast<Bytef*>(const_cast<std::byte*>(page.data()));
  state.avail_in = static_cast<uInt>(page.size());
  state.next_out = reinterpret_cast<Bytef*>(made.data());
  state.avail_out = static_cast<uInt>(made.size());
  if (inflateInit2(&state, 15 + 32) != Z_OK) return std::unexpected(std::string("no memory"));
  const int result = inflate(&state, Z_FINISH);
  const bool whole = result == Z_STREAM_END && state.avail_out == 0;
  std::string why = state.msg != nullptr ? state.msg : "it is cut short or longer than it says";
  inflateEnd(&state);
  if (!whole) return std::unexpected(std::move(why));
  return made;
}

}  // namespace

PlainPage decompress_page(ParquetCodec codec, PageBytes page, uint64_t plain_bytes) {
  if (plain_bytes > k_page_limit_bytes) {
    return std::unexpected(fmt::format("a page of {} bytes is over 1 GiB", plain_bytes));
  }
  if (page.empty() && plain_bytes == 0) return std::vector<std::byte>();  // of nulls alone
  switch (codec) {
    case ParquetCodec::zstd:
      return from_zstd(page, plain_bytes);
    case ParquetCodec::gzip:
      return from_gzip(page, plain_bytes);
    case ParquetCodec::snappy: {
      auto made = snappy_decompressed(page, plain_bytes);
      if (!made) return std::unexpected(std::string(made.error()));
      if (made->size() != plain_bytes) return wrong_size(made->size(), plain_bytes);
      return std::move(*made);
    }
    default:
      return std::unexpected(
          fmt::format("it is compressed by {}, and snappy, zstd and gzip are read; write the file "
                      "again by one of these",
                      name_of(codec)));
  }
}

}  // namespace headrace::formats
