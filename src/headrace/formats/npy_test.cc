// Heads as NumPy writes them, and every way to cut or twist one.
#include "headrace/formats/npy.h"

#include <gmock/gmock.h>

namespace headrace::formats {
namespace {

std::string file_with(const std::string& head, char version = 1) {
  std::string text = std::string("\x93NUMPY") + version + '\0';
  text += static_cast<char>(head.size() & 0xff);
  text += static_cast<char>(head.size() >> 8);
  if (version > 1) text += std::string(2, '\0');
  return text + head;
}
std::expected<NpyHead, std::string> parsed(const std::string& text) {
  return parse_npy_head(std::as_bytes(std::span(text)));
}

TEST(Npy, reads_what_numpy_writes) {
  const auto flat =
      parsed(file_with("{'descr': '<u2', 'fortran_order': False, 'shape': (7,), }  \n"));
  ASSERT_TRUE(flat) << flat.error();
  EXPECT_EQ(*flat, (NpyHead{.type = "<u2", .shape = {7}, .data_offset_bytes = 70}));
  const auto rows =
      parsed(file_with("{'descr': '|u1', 'fortran_order': True, 'shape': (3, 4096), }\n", 2));
  ASSERT_TRUE(rows) << rows.error();
  EXPECT_TRUE(rows->column_major);
  EXPECT_EQ(rows->shape, (std::vector<uint64_t>{3, 4096}));
  EXPECT_TRUE(
      parsed(file_with("{'descr': '<i8', 'fortran_order': False, 'shape': (), }"))->shape.empty());
}

TEST(Npy, refuses_every_cut_and_what_it_does_not_know) {
  const std::string whole =
      file_with("{'descr': '<u2', 'fortran_order': False, 'shape': (7, 9), }\n");
  for (size_t size = 0; size < whole.size(); ++size) {
    EXPECT_FALSE(parsed(whole.substr(0, size))) << size;
  }
  for (const char* head :
       {"", "{}", "{'descr': '<u2'}",
        "{'descr': [('a', '<u2')], 'fortran_order': False, 'shape': (1,)}",
        "{'descr': '<u2', 'fortran_order': False, 'shape': (-1,)}",
        "{'descr': '<u2', 'fortran_order': False, 'shape': (99999999999999999999,)}",
        "{'descr': '<u2', 'descr': '<u2', 'fortran_order': False, 'shape': (1,)}",
        "{'descr': '<u2', 'fortran_order': False, 'shape': (1,)} more"}) {
    EXPECT_FALSE(parsed(file_with(head))) << head;
  }
}

}  // namespace
}  // namespace headrace::formats
