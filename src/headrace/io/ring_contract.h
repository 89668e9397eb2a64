// For tests: what the tests of every ring share: an arena, a file of known bytes, and one read
// waited for. Thread safety: none wanted.
#pragma once

#include <gtest/gtest.h>
#include <sys/mman.h>

#include <fstream>

#include "headrace/base/error.h"
#include "headrace/base/hash.h"
#include "headrace/base/temp_folder.h"
#include "headrace/io/cufile.h"
#include "headrace/io/ring.h"
#include "headrace/io/usrbio.h"
#include "headrace/memory/arena.h"
#include "headrace/shim/stand_in.h"

namespace headrace::io {

// The byte at an offset of every test file: no two nearby offsets look alike.
inline std::byte byte_at(uint64_t offset_bytes) {
  return static_cast<std::byte>(mix64(offset_bytes / 8) >> (offset_bytes % 8 * 8));
}
inline void write_file(const std::string& path, uint64_t size_bytes) {
  std::string bytes(size_bytes, '\0');
  for (uint64_t offset = 0; offset < size_bytes; ++offset) {
    bytes[offset] = static_cast<char>(byte_at(offset));
  }
  std::ofstream(path, std::ios::binary) << bytes;
}

// The engine by its name, with stand-ins for the libraries that this machine lacks; small slots, so
// that reads take several.
inline std::unique_ptr<Ring> make_tested_ring(const RingOptions& options) {
  constexpr uint64_t k_stand_in_slot_bytes = 65536;
  if (options.engine == "usrbio") {
    auto ring = UsrbioRing::make(options, {.mount = "/",
                                           .library = shim::stand_in_path("hf3fs"),
                                           .slot_bytes = k_stand_in_slot_bytes});
    if (!ring) throw Error({.action = "cannot make", .object = "usrbio", .cause = ring.error()});
    return std::move(*ring);
  }
  if (!options.engine.starts_with("cufile") && options.engine != "bounce") {
    return make_ring(options);
  }
  auto ring = make_cufile_ring(options, {.library = shim::stand_in_path("cufile"),
                                         .driver = shim::stand_in_path("cuda"),
                                         .slot_bytes = k_stand_in_slot_bytes,
                                         .slot_count = 4});
  if (!ring) throw Error({.action = "cannot make", .object = "a ring", .cause = ring.error()});
  return std::move(*ring);
}

// Every engine and both kinds of caching, on a file of an odd size.
struct RingCase {
  const char* engine;
  Caching caching;
};

class RingContract : public ::testing::TestWithParam<RingCase> {
 public:
  static constexpr uint64_t k_file_bytes = (uint64_t{3} << 20) + 777;
  static constexpr size_t k_slot_bytes = size_t{128} << 10;
  static constexpr uint32_t k_depth = 16;

  static void SetUpTestSuite() {
    folder_ = std::make_unique<TempFolder>();
    write_file(*folder_ / "data", k_file_bytes);
  }
  static void TearDownTestSuite() { folder_.reset(); }

  void SetUp() override {
    make(k_depth);
    file_ = File::open(real_files(), *folder_ / "data", GetParam().caching);
  }
  void make(uint32_t depth) {
    ring_.reset();
    const auto options =
        RingOptions{.engine = GetParam().engine, .depth = depth, .arena = arena_.bytes()};
    ring_ = make_tested_ring(options);
  }
  std::span<std::byte> slot(size_t index) const {
    return arena_.bytes().subspan(index * k_slot_bytes, k_slot_bytes);
  }
  Read read_of(uint64_t offset_bytes, uint64_t length_bytes, size_t slot_index) const {
    return {.file = file_.get(),
            .offset_bytes = offset_bytes,
            .length_bytes = length_bytes,
            .target = slot(slot_index),
            .tag = slot_index};
  }
  Done read_one(const Read& read) {
    EXPECT_EQ(ring_->submit({&read, 1}), 1u);
    Done done;
    EXPECT_EQ(ring_->wait({&done, 1}, 1, k_no_deadline), 1u);
    EXPECT_EQ(done.tag, read.tag);
    return done;
  }
  // The first offset whose byte is wrong, or the end.
  static uint64_t first_wrong(const Done& done, uint64_t offset_bytes) {
    const auto size = static_cast<uint64_t>(std::max<int64_t>(done.result, 0));
    for (uint64_t index = 0; index < size; ++index) {
      if (done.data[index] != byte_at(offset_bytes + index)) return offset_bytes + index;
    }
    return offset_bytes + size;
  }
  void expect_right(const Done& done, uint64_t offset_bytes, uint64_t length_bytes) {
    const uint64_t end = std::min(offset_bytes + length_bytes, k_file_bytes);
    const uint64_t there = end - std::min(end, offset_bytes);
    ASSERT_EQ(done.result, static_cast<int64_t>(there)) << "at " << offset_bytes;
    ASSERT_EQ(first_wrong(done, offset_bytes), offset_bytes + there);
  }

 protected:
  static inline std::unique_ptr<TempFolder> folder_;
  memory::Arena arena_{{.size_bytes = k_depth * k_slot_bytes}};
  std::unique_ptr<File> file_;
  std::unique_ptr<Ring> ring_;  // last, since what is under way reads the file
};

inline std::string name_of_case(const ::testing::TestParamInfo<RingCase>& info) {
  std::string engine = info.param.engine;
  std::ranges::replace(engine, '-', '_');
  return fmt::format("{}_{}", engine, info.param.caching == Caching::direct ? "direct" : "page");
}
inline std::vector<RingCase> cases_of(std::initializer_list<const char*> engines) {
  std::vector<RingCase> cases;
  for (const char* engine : engines) {
    for (const Caching caching : {Caching::page, Caching::direct}) {
      cases.push_back({engine, caching});
    }
  }
  return cases;
}
inline const auto k_all_rings = ::testing::ValuesIn(cases_of(
    {"psync", "threads", "uring", "cufile", "cufile-batch", "cufile-stream", "bounce", "usrbio"}));
// Those that write as well, with the system's own errors.
inline const auto k_writing_rings =
    ::testing::ValuesIn(cases_of({"psync", "threads", "uring", "cufile", "usrbio"}));

}  // namespace headrace::io
