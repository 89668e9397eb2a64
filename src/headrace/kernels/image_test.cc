// The image is a fatbin with code for each device that it promises, or empty and says so.
#include "headrace/kernels/image.h"

#include <gtest/gtest.h>

#include "headrace/base/endian.h"

namespace headrace::kernels {
namespace {

TEST(KernelImage, is_a_fatbin_where_nvcc_made_one) {
  if (image().empty()) GTEST_SKIP() << "no nvcc was there to compile the kernels";
  EXPECT_EQ(load_le<uint32_t>(image().data()), 0xba55ed50u);  // fatbin's magic number
  EXPECT_EQ(reinterpret_cast<uintptr_t>(image().data()) % 64, 0u);
}

}  // namespace
}  // namespace headrace::kernels
