// Row groups decoded: what the encoder wrote comes back, and damage ends. Compressed pages are
// read in tests/conformance, from pyarrow's files.
#include "headrace/formats/parquet_rows.h"

#include <gtest/gtest.h>

#include "headrace/base/temp_folder.h"
#include "headrace/formats/parquet.h"
#include "headrace/formats/scan_all.h"

namespace headrace::formats {
namespace {

// How many rows came before the end or a failure.
struct Decoded {
  int row_count = 0;
  std::optional<ScanFailure> failure = {};
};

Decoded decode(const std::string& shard) {
  ByteWindow window(memory_source(bytes_of(shard)));
  auto footer = read_parquet_footer(window);
  if (!footer) return {.failure = footer.error()};
  ParquetRows rows(memory_source(bytes_of(shard)), std::move(*footer));
  for (Decoded decoded;; ++decoded.row_count) {
    const auto fields = rows.next();
    if (!fields) decoded.failure = fields.error();
    if (!fields || !*fields) return decoded;
    EXPECT_TRUE(std::ranges::is_sorted(**fields, std::less_equal(), &FieldBytes::name));
  }
}

TEST(ParquetRows, integers_are_text_and_bytes_are_themselves) {
  const std::string shard = encode_samples(k_parquet_format, 4);
  ByteWindow window(memory_source(bytes_of(shard)));
  ParquetRows rows(memory_source(bytes_of(shard)), *read_parquet_footer(window));
  for (int i = 0; i < 4; ++i) {
    const auto fields = rows.next();
    ASSERT_TRUE(fields && *fields && (**fields).size() == 2) << i;
    const auto text = [&](size_t field) {
      const auto bytes = (**fields)[field].bytes;
      return std::string(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    };
    EXPECT_EQ((**fields)[0].name, "cls");
    EXPECT_EQ(text(0), std::to_string(i - 1));
    EXPECT_EQ(text(1), std::string(static_cast<size_t>(20 * i + 1), 'a'));
  }
  EXPECT_FALSE(*rows.next());
  EXPECT_GT(rows.at_bytes(), 0U);
}

TEST(ParquetRows, a_file_whose_values_lie_as_they_are_is_not_unpacked) {
  const std::string shard = encode_samples(k_parquet_format, 4);
  EXPECT_EQ(unpack_parquet(memory_source(bytes_of(shard))), nullptr);
  EXPECT_EQ(unpack_parquet(memory_source(bytes_of("nonsense"))), nullptr);
}

TEST(ParquetRows, every_flipped_byte_ends_and_those_of_pages_are_told_with_row_group_and_column) {
  const std::string shard = encode_samples(k_parquet_format, 3);
  int told = 0;
  for (size_t at = 0; at < shard.size(); ++at) {
    std::string flipped = shard;
    flipped[at] = static_cast<char>(flipped[at] ^ 16);
    const Decoded decoded = decode(flipped);
    if (!decoded.failure) continue;
    const std::string& what = decoded.failure->what;
    told += what.starts_with("row group 0: ") && what.contains("column ") ? 1 : 0;
  }
  EXPECT_GT(told, 60);
}

}  // namespace
}  // namespace headrace::formats
