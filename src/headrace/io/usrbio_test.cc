// 3FS's USRBIO: its conventions for errors, shared memory without a copy, descriptors given back.
#include "headrace/io/usrbio.h"

#include "headrace/io/ring_contract.h"

namespace headrace::io {
namespace {

class UsrbioTest : public ::testing::Test {
 public:
  void SetUp() override {
    write_file(folder_ / "data", 400'000);
    file_ = File::open(real_files(), folder_ / "data", Caching::page);
  }
  void TearDown() override {
    faults_.reset();
    EXPECT_EQ(faults_.handles, 0);
    EXPECT_EQ(faults_.buffers, 0);
  }
  auto make(uint64_t memory_bytes = 0) {
    return UsrbioRing::make({.engine = "usrbio", .depth = 4},
                            {.mount = "/3fs",
                             .library = shim::stand_in_path("hf3fs"),
                             .slot_bytes = 65536,
                             .memory_bytes = memory_bytes});
  }
  Done read_one(Ring& ring, std::span<std::byte> target, uint64_t length_bytes) const {
    const Read read{
        .file = file_.get(), .offset_bytes = 777, .length_bytes = length_bytes, .target = target};
    EXPECT_EQ(ring.submit({&read, 1}), 1u);
    Done done;
    EXPECT_EQ(ring.wait({&done, 1}, 1, k_no_deadline), 1u);
    return done;
  }

 protected:
  TempFolder folder_;
  memory::Arena arena_{{.size_bytes = 512 << 10}};
  std::unique_ptr<File> file_;
  shim::StandInFaults& faults_ = shim::faults_of_stand_in("hf3fs");
};

TEST_F(UsrbioTest, reads_into_its_own_memory_in_one_go_and_elsewhere_in_parts) {
  const auto ring = make(256 << 10);
  ASSERT_TRUE(ring) << ring.error();
  const Done shared = read_one(**ring, (*ring)->memory(), 200'000);
  ASSERT_EQ(shared.result, 200'000);
  EXPECT_EQ(faults_.transfers, 1);
  const Done copied = read_one(**ring, arena_.bytes(), 200'000);
  ASSERT_EQ(copied.result, 200'000);
  EXPECT_EQ(faults_.transfers, 1 + 4);
  for (uint64_t at = 0; at < 200'000; at += 997) {
    ASSERT_EQ(shared.data[at], byte_at(777 + at));
    ASSERT_EQ(copied.data[at], byte_at(777 + at));
  }
}

TEST_F(UsrbioTest, says_which_step_the_daemon_refused) {
  faults_.driver_error = ENOENT;
  EXPECT_NE(make().error().find("hf3fs_iovcreate on /3fs"), std::string::npos);
  faults_.reset();
  faults_.buffer_error = ENOMEM;
  EXPECT_NE(make().error().find("hf3fs_iorcreate4"), std::string::npos);
}

TEST_F(UsrbioTest, takes_the_positive_errno_of_a_descriptor_that_is_refused) {
  faults_.register_error = EBADF;
  const auto ring = make();
  EXPECT_EQ(read_one(**ring, arena_.bytes(), 100).result, -EBADF);
}

TEST_F(UsrbioTest, goes_on_after_a_short_read_and_delivers_an_error) {
  const auto ring = make();
  faults_.short_nth = 1;
  EXPECT_EQ(read_one(**ring, arena_.bytes(), 1000).result, 1000);
  faults_.reset();
  faults_.fail_nth = 1;
  faults_.fail_code = -EIO;
  EXPECT_EQ(read_one(**ring, arena_.bytes(), 1000).result, -EIO);
}

TEST_F(UsrbioTest, keeps_few_descriptors_of_many_files) {
  const auto ring = make();
  for (int number = 0; number < 700; ++number) {
    file_ = File::open(real_files(), folder_ / "data", Caching::page);
    ASSERT_EQ(read_one(**ring, arena_.bytes(), 100).result, 100);
    ASSERT_LE(faults_.handles, 256);
  }
}

}  // namespace
}  // namespace headrace::io
