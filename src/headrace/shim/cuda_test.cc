// libcuda by its symbols: there, absent, too old; and its errors by name.
#include "headrace/shim/cuda.h"

#include <gtest/gtest.h>

#include "headrace/shim/stand_in.h"

namespace headrace::shim {
namespace {

TEST(CudaDriver, opens_or_says_where_it_comes_from_or_that_it_is_old) {
  const auto opened = CudaDriver::open(stand_in_path("cuda"));
  EXPECT_TRUE(opened) << opened.error();
  const auto absent = CudaDriver::open("libnowhere.so.1");
  ASSERT_FALSE(absent);
  EXPECT_NE(absent.error().find("NVIDIA's driver"), std::string::npos) << absent.error();
  const auto old = CudaDriver::open("libc.so.6");
  ASSERT_FALSE(old);
  EXPECT_NE(old.error().find("libc.so.6 lacks cuInit"), std::string::npos) << old.error();
}

TEST(CudaDriver, names_its_errors_and_numbers_those_it_does_not_know) {
  const auto driver = CudaDriver::open(stand_in_path("cuda"));
  ASSERT_TRUE(driver) << driver.error();
  EXPECT_EQ((*driver)->name_of_error(k_cu_out_of_memory), "CUDA_ERROR_OUT_OF_MEMORY");
  EXPECT_EQ((*driver)->name_of_error(12345), "error 12345");
}

TEST(CudaDriver, makes_a_stream_only_while_a_context_is_current) {
  CuStream stream = nullptr;
  {
    const auto driver = CudaDriver::open(stand_in_path("cuda"));
    ASSERT_TRUE(driver) << driver.error();
    EXPECT_EQ((*driver)->stream_create(&stream, 0), 201);
    ASSERT_EQ((*driver)->hold_context(0), 0);
    ASSERT_EQ((*driver)->stream_create(&stream, 0), 0);
    EXPECT_EQ((*driver)->stream_destroy(stream), 0);
  }
  const auto later = CudaDriver::open(stand_in_path("cuda"));
  EXPECT_EQ((*later)->stream_create(&stream, 0), 201);
  EXPECT_EQ(faults_of_stand_in("cuda").handles, 0);
}

TEST(CudaDriver, keeps_no_context_that_it_could_not_get) {
  StandInFaults& faults = faults_of_stand_in("cuda");
  const auto driver = CudaDriver::open(stand_in_path("cuda"));
  faults.register_error = 2;
  EXPECT_EQ((*driver)->hold_context(0), 2);
  faults.reset();
  EXPECT_EQ((*driver)->held_context(), nullptr);
}

}  // namespace
}  // namespace headrace::shim
