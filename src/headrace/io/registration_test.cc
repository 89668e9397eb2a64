// Buffers registered once: as far as the kernel allows, and shared with rings of other threads.
#include "headrace/io/registration.h"

#include <fcntl.h>
#include <sys/mman.h>

#include <cerrno>
#include <fstream>
#include <latch>

#include "headrace/io/ring_contract.h"

namespace headrace::io {
namespace {

class RegistrationTest : public ::testing::Test {
 public:
  void SetUp() override {
    auto made = Registration::make(arena_.bytes());
    if (!made) GTEST_SKIP() << made.error();
    registration_ = std::move(*made);
  }

 protected:
  memory::Arena arena_{{.size_bytes = size_t{4} << 20}};
  std::unique_ptr<Registration> registration_;
};

TEST_F(RegistrationTest, serves_rings_of_several_threads_and_may_end_before_them) {
  const TempFolder folder;
  write_file(folder / "data", 100'000);
  const auto file = File::open(real_files(), folder / "data", Caching::direct);
  std::vector<std::jthread> threads;
  std::latch made(3);
  std::latch ended(1);
  for (size_t number = 0; number < 3; ++number) {
    threads.emplace_back([&, number] {
      const auto ring = make_ring({.engine = "uring",
                                   .depth = 4,
                                   .arena = arena_.bytes(),
                                   .registration = &*registration_});
      EXPECT_EQ(ring->info().registered_bytes, arena_.bytes().size());
      if (!ring->info().shares_registration) {
        EXPECT_NE(ring->info().why_not_better.find("not shared"), std::string::npos);
      }
      made.count_down();
      ended.wait();
      const Read read{.file = file.get(),
                      .offset_bytes = 5000 + number,
                      .length_bytes = 3000,
                      .target = arena_.bytes().subspan(number << 20, 8192)};
      Done done;
      EXPECT_EQ(ring->submit({&read, 1}), 1u);
      EXPECT_EQ(ring->wait({&done, 1}, 1, k_no_deadline), 1u);
      ASSERT_EQ(done.result, 3000);
      for (uint64_t index = 0; index < 3000; ++index) {
        ASSERT_EQ(done.data[index], byte_at(5000 + number + index));
      }
    });
  }
  made.wait();
  registration_.reset();
  ended.count_down();
}

TEST_F(RegistrationTest, refuses_an_arena_of_nothing) {
  EXPECT_FALSE(Registration::make({}));
  int refusal = 0;
  ::io_uring ring = {};
  EXPECT_EQ(register_buffers(ring, {}, refusal), 0u);
  EXPECT_EQ(refusal, 0);
}

// Pages of an ordinary file may not be pinned for writing by a device.
TEST_F(RegistrationTest, says_why_memory_of_a_file_is_not_registered) {
  const TempFolder folder;
  std::ofstream(folder / "data") << std::string(8192, 'x');
  const UniqueFd fd(::open((folder / "data").c_str(), O_RDWR));
  void* at = ::mmap(nullptr, 8192, PROT_READ | PROT_WRITE, MAP_SHARED, fd.get(), 0);
  ASSERT_NE(at, MAP_FAILED);
  const auto made = Registration::make({static_cast<std::byte*>(at), 8192});
  ::munmap(at, 8192);
  if (made) GTEST_SKIP() << "this file system allows it";
  EXPECT_TRUE(made.error().starts_with("registering buffers: "));
}

}  // namespace
}  // namespace headrace::io
