// For tests of the ways to device memory: a file of known bytes, an arena, and the stand-in library
// whose faults each test sets. Thread safety: one test at a time, since the faults are the
// library's.
#pragma once

#include "headrace/io/ring_contract.h"

namespace headrace::io {

class CuFileCase : public ::testing::Test {
 public:
  static constexpr uint64_t k_file_bytes = 400'000;

  void SetUp() override {
    write_file(folder_ / "data", k_file_bytes);
    file_ = File::open(real_files(), folder_ / "data", Caching::page);
  }
  void TearDown() override { faults_.reset(); }
  int64_t result_of_one(const char* engine, Retries retries = {}) {
    const auto ring = make_tested_ring(
        {.engine = engine, .depth = 4, .arena = arena_.bytes(), .retries = retries});
    const Read read{.file = file_.get(), .length_bytes = 1000, .target = arena_.bytes()};
    EXPECT_EQ(ring->submit({&read, 1}), 1u);
    Done done;
    EXPECT_EQ(ring->wait({&done, 1}, 1, k_no_deadline), 1u);
    return done.result;
  }

 protected:
  TempFolder folder_;
  memory::Arena arena_{{.size_bytes = 256 * 4096}};
  std::unique_ptr<File> file_;
  shim::StandInFaults& faults_ = shim::faults_of_stand_in("cufile");
};

}  // namespace headrace::io
