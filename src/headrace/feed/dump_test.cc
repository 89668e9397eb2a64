// The header is what NumPy writes.
#include "headrace/feed/dump.h"

#include <gtest/gtest.h>

namespace headrace::feed {
namespace {

TEST(NpyHeader, is_aligned_and_says_type_and_shape) {
  const std::vector<uint64_t> shape = {256, 3, 224, 224};
  const std::string header = npy_header("<f4", shape);
  EXPECT_EQ(header.size() % 64, 0u);
  EXPECT_EQ(header.substr(0, 8), std::string("\x93NUMPY\x01\0", 8));
  EXPECT_EQ(static_cast<size_t>(static_cast<unsigned char>(header[8])) + 10, header.size());
  EXPECT_NE(header.find("{'descr': '<f4', 'fortran_order': False, 'shape': (256, 3, 224, 224,), }"),
            std::string::npos);
  EXPECT_EQ(header.back(), '\n');
}

TEST(NpyHeader, of_a_vector_has_the_comma_of_a_tuple) {
  const std::vector<uint64_t> shape = {7};
  EXPECT_NE(npy_header("<u8", shape).find("'shape': (7,)"), std::string::npos);
}

}  // namespace
}  // namespace headrace::feed
