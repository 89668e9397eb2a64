// Rows of one array, whole arrays of a folder, and heads that lie.
#include "headrace/formats/npy_rows.h"

#include <gmock/gmock.h>

#include "headrace/formats/damage.h"
#include "headrace/formats/zip_builder.h"

namespace headrace::formats {
namespace {

TEST(NpyRows, a_row_is_a_sample_and_rows_of_one_integer_are_values) {
  const std::string rows = npy_of("<u2", "(3, 2)", "abcdefghijkl");
  EXPECT_EQ(recognize(memory_source(bytes_of(rows))), &k_npy_format);
  EXPECT_EQ(content_of(k_npy_format, bytes_of(rows)),
            "sample\ndata:abcdsample\ndata:efghsample\ndata:ijkl");
  const std::string labels = npy_of("|i1", "(2,)", "\x07\xff");
  EXPECT_EQ(content_of(k_npy_format, bytes_of(labels)), "sample\ndata=7\nsample\ndata=-1\n");
  const auto last = k_npy_format.scan(memory_source(bytes_of(rows)), {.sample_index = 2});
  EXPECT_EQ((**last->next()).key, "2");
  EXPECT_FALSE(*last->next());
}

TEST(NpyRows, a_file_of_a_folder_is_a_sample) {
  EXPECT_EQ(named_format("case_1.npy"), &k_npy_file_format);
  const std::string file = npy_of("<u2", "(3, 2)", "abcdefghijkl");
  EXPECT_EQ(content_of(k_npy_file_format, bytes_of(file)), "sample\ndata:abcdefghijkl");
}

TEST(NpyRows, damage_of_the_head_is_told_or_stays_within_the_file) {
  const std::string file = npy_of("<u2", "(3, 2)", "abcdefghijkl");
  const auto read = [](std::span<const std::byte> bytes) {
    return content_of(k_npy_format, bytes);
  };
  EXPECT_GT(flip_each_bit(file, read).noticed_count, 300U);
  EXPECT_EQ(unnoticed_cuts(file, read), 0U);
  EXPECT_FALSE(read(bytes_of(npy_of("<u2", "(1000000000, 0)", ""))));
  EXPECT_FALSE(read(bytes_of(npy_of("<u2", "()", "ab"))));
}

}  // namespace
}  // namespace headrace::formats
