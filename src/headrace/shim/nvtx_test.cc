// Ranges reach a profiler's library by name and in pairs; without one nothing happens.
#include "headrace/shim/nvtx.h"

#include <gtest/gtest.h>

#include "headrace/shim/stand_in.h"

namespace headrace::shim {
namespace {

std::string seen() {
  void* library = ::dlopen(stand_in_path("nvtx").c_str(), RTLD_NOW | RTLD_LOCAL);
  return reinterpret_cast<const char* (*)()>(::dlsym(library, "stand_in_seen"))();
}

TEST(Nvtx, gives_ranges_to_the_profilers_library_in_the_order_of_their_ends) {
  const auto profiler = Nvtx::open(stand_in_path("nvtx"));
  ASSERT_TRUE(profiler) << profiler.error();
  EXPECT_TRUE(profiler->is_profiled());
  profiler->name_this_thread("worker");
  {
    const Range outer(*profiler, "decode");
    const Range inner(*profiler, "resize");
  }
  EXPECT_EQ(seen(), "name worker;push decode;push resize;pop;pop;");
}

TEST(Nvtx, is_nothing_without_a_profiler) {
  const Nvtx none;
  EXPECT_FALSE(none.is_profiled());
  none.name_this_thread("worker");
  const Range range(none, "decode");
}

TEST(Nvtx, says_what_is_no_profilers_library) {
  EXPECT_NE(Nvtx::open("libnowhere.so").error().find("libnowhere.so"), std::string::npos);
  EXPECT_NE(Nvtx::open("libc.so.6").error().find("no injection library"), std::string::npos);
}

}  // namespace
}  // namespace headrace::shim
