// Tables that lie are refused before a row is asked for; safetensors and .npy test the rest.
#include "headrace/formats/tensor_rows.h"

#include <gmock/gmock.h>

#include "headrace/base/temp_folder.h"

namespace headrace::formats {
namespace {

using testing::HasSubstr;
using Table = std::expected<TensorTable, ScanFailure>;

std::string refusal(TensorRows::Read read) {
  const auto sample = TensorRows(memory_source(bytes_of("abcdef")), {}, read).next();
  return sample ? "" : sample.error().what;
}

TEST(TensorRows, each_row_has_the_bytes_of_its_place) {
  TensorRows rows(memory_source(bytes_of("abcdef")), {.sample_index = 1},
                  [](const ByteSource&) -> Table {
                    return TensorTable{2, {{.name = "x", .offset_bytes = 2, .row_bytes = 2}}};
                  });
  const auto sample = rows.next();
  EXPECT_EQ((**sample).fields[0].second.offset_bytes, 4U);
  EXPECT_FALSE(*rows.next());
}

TEST(TensorRows, arrays_that_leave_the_file_or_have_empty_rows_are_refused) {
  EXPECT_THAT(refusal([](const ByteSource&) -> Table {
                return TensorTable{3, {{.name = "x", .offset_bytes = 2, .row_bytes = 2}}};
              }),
              HasSubstr("x leaves the file"));
  EXPECT_THAT(
      refusal([](const ByteSource&) -> Table {
        return TensorTable{1, {{.name = "x", .offset_bytes = ~uint64_t{0}, .row_bytes = 1}}};
      }),
      HasSubstr("x leaves the file"));
  EXPECT_THAT(refusal([](const ByteSource&) -> Table {
                return TensorTable{~uint64_t{0}, {{.name = "x"}}};
              }),
              HasSubstr("a row of x is empty"));
  EXPECT_THAT(refusal([](const ByteSource&) -> Table {
                return TensorTable{1, std::vector<TensorColumn>(65, {.name = "x", .row_bytes = 1})};
              }),
              HasSubstr("65 arrays"));
  EXPECT_THAT(
      refusal([](const ByteSource&) -> Table {
        return TensorTable{1, {{.name = "x", .row_bytes = 1}, {.name = "x", .row_bytes = 1}}};
      }),
      HasSubstr("two arrays"));
}

}  // namespace
}  // namespace headrace::formats
