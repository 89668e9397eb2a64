// The codecs of Parquet's pages. https://parquet.apache.org/docs/file-format/data-pages/compression
// Thread safety: a pure function. Invariant: as many bytes as were announced, or an error.
#pragma once

#include <expected>
#include <span>
#include <string>
#include <vector>

#include "headrace/formats/parquet_footer.h"

namespace headrace::formats {

std::expected<std::vector<std::byte>, std::string> decompress_page(ParquetCodec codec,
                                                                   std::span<const std::byte> page,
                                                                   uint64_t plain_bytes);

}  // namespace headrace::formats
