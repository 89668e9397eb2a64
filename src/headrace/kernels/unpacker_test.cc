// Fields unpacked in a stream, format by format; damaged ones are told of and harm no other; each
// failure of library and device ends with its name. Over the stand-ins for libnvcomp and libcuda.
#include "headrace/kernels/unpacker.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>

#include "headrace/base/random.h"
#include "headrace/device/fixture.h"
#include "headrace/device/stream.h"

namespace headrace::kernels {
namespace {

using codec::Kind;
using testing::HasSubstr;

constexpr Kind k_kinds[] = {Kind::zstd, Kind::lz4, Kind::gzip, Kind::snappy};
constexpr size_t k_large_bytes = 9 << 20;  // three blocks of LZ4's frame

class UnpackerTest : public device::StandInDevice {
 protected:
  UnpackerTest() { comp_faults_.reset(); }
  ~UnpackerTest() override { comp_faults_.reset(); }
  UnpackerOptions with_stand_in() const {
    return {.library = shim::stand_in_path("nvcomp"),
            .field_count = 8,
            .field_bytes = field_bytes_,
            .packed_bytes = 1 << 20};
  }
  // The first megabytes shrink; `noisy` ones do not.
  static std::vector<std::byte> content(size_t size_bytes, uint32_t seed, bool noisy = false) {
    std::vector<std::byte> bytes(size_bytes);
    Draws draws({.seed = seed});
    for (size_t i = 0; i < size_bytes; ++i) {
      bytes[i] = static_cast<std::byte>(noisy ? static_cast<int>(draws.uniform() * 256)
                                              : static_cast<int>(i / 7 % 50 + seed));
    }
    return bytes;
  }
  void add(Kind kind, std::vector<std::byte> bytes, std::vector<std::byte> packed) {
    const size_t begin = (sent_.size() + 63) / 64 * 64;
    sent_.resize(begin);
    sent_.insert(sent_.end(), packed.begin(), packed.end());
    places_.push_back({begin, packed.size()});
    kinds_.push_back(kind);
    contents_.push_back(std::move(bytes));
  }
  void add(Kind kind, const std::vector<std::byte>& bytes) {
    add(kind, bytes, codec::compressed(kind, bytes, codec::level_of(kind)->standard));
  }
  // Whether each field came out as its content; false where it is told not to be good.
  std::vector<bool> unpack() {
    Unpacker unpacker(device(), with_stand_in());
    const device::DeviceMemory target(device(), contents_.size() * field_bytes_);
    std::vector<PackedField> fields;
    for (size_t i = 0; i < contents_.size(); ++i) {
      fields.push_back({.kind = kinds_[i],
                        .bytes = std::span(sent_).subspan(places_[i].first, places_[i].second),
                        .target = target.address() + i * field_bytes_,
                        .size_bytes = contents_[i].size()});
    }
    device::Stream stream(device());
    unpacker.start(sent_, fields, stream.handle());
    stream.synchronize();
    std::vector<bool> good;
    for (uint32_t i = 0; i < fields.size(); ++i) {
      good.push_back(unpacker.is_good(i));
      if (!good.back()) continue;
      EXPECT_EQ(std::memcmp(reinterpret_cast<const void*>(fields[i].target), contents_[i].data(),
                            contents_[i].size()),
                0)
          << i;
    }
    return good;
  }

  shim::StandInFaults& comp_faults_ = shim::faults_of_stand_in("nvcomp");
  size_t field_bytes_ = 256 << 10;  // at most
  std::vector<std::byte> sent_;
  std::vector<std::pair<size_t, size_t>> places_;
  std::vector<Kind> kinds_;
  std::vector<std::vector<std::byte>> contents_;
};

TEST_F(UnpackerTest, gives_back_fields_of_all_kinds_side_by_side) {
  for (const Kind kind : k_kinds) add(kind, content(150'528, 1));
  for (const Kind kind : k_kinds) add(kind, content(8, 2));
  EXPECT_THAT(unpack(), testing::Each(true));
}

TEST_F(UnpackerTest, copies_blocks_that_did_not_shrink) {
  add(Kind::lz4, content(100'000, 3, true));
  EXPECT_THAT(unpack(), testing::Each(true));
  EXPECT_EQ(comp_faults_.transfers, 0);
}

TEST_F(UnpackerTest, unpacks_the_blocks_of_a_large_field_side_by_side) {
  field_bytes_ = k_large_bytes;
  add(Kind::lz4, content(k_large_bytes, 4));
  EXPECT_THAT(unpack(), testing::Each(true));
  EXPECT_EQ(comp_faults_.transfers, 3);
}

TEST_F(UnpackerTest, tells_which_field_is_damaged_and_unpacks_the_others) {
  for (const Kind kind : k_kinds) {
    const auto bytes = content(5000, 5);
    auto packed = codec::compressed(kind, bytes, codec::level_of(kind)->standard);
    packed[packed.size() / 2] ^= std::byte{0xff};
    packed[packed.size() / 2 + 1] ^= std::byte{0xff};
    auto cut = codec::compressed(kind, bytes, codec::level_of(kind)->standard);
    cut.resize(cut.size() / 2);
    sent_.clear();
    places_.clear();
    kinds_.clear();
    contents_.clear();
    add(kind, bytes);
    add(kind, bytes, cut);
    add(kind, bytes);
    EXPECT_EQ(unpack(), (std::vector{true, false, true})) << codec::name_of(kind);
  }
}

TEST_F(UnpackerTest, believes_no_field_that_is_shorter_or_longer_than_its_row) {
  const auto bytes = content(5000, 6);
  const auto packed = codec::compressed(Kind::zstd, bytes, 3);
  add(Kind::zstd, content(5008, 6), packed);
  add(Kind::zstd, content(4992, 6), packed);
  EXPECT_EQ(unpack(), (std::vector{false, false}));
}

TEST_F(UnpackerTest, takes_a_chunks_status_for_its_field_alone) {
  for (int nth = 1; nth <= 3; ++nth) {
    sent_.clear(), places_.clear(), kinds_.clear(), contents_.clear();
    for (const Kind kind : k_kinds) add(kind, content(4000, 7));
    comp_faults_.reset();
    comp_faults_.fail_nth = nth;
    comp_faults_.fail_code = shim::k_comp_cannot_decompress;
    EXPECT_THAT(unpack(), testing::Contains(false).Times(1)) << nth;
  }
}

TEST_F(UnpackerTest, says_what_library_or_device_refused) {
  add(Kind::zstd, content(4000, 8));
  EXPECT_THAT(error_of([&] {
                const Unpacker none(device(), {.library = "libnowhere.so", .field_count = 1});
              }),
              HasSubstr("cannot decompress on a device: libnowhere.so"));
  comp_faults_.memory_error = 10;
  EXPECT_THAT(error_of([&] { unpack(); }), HasSubstr("nvcompErrorInvalidValue"));
  comp_faults_.reset();
  comp_faults_.submit_errors = 1;
  EXPECT_THAT(error_of([&] { unpack(); }), HasSubstr("nvcompErrorCudaError"));
  faults_.memory_error = shim::k_cu_out_of_memory;
  EXPECT_THAT(error_of([&] { unpack(); }), HasSubstr("CUDA_ERROR_OUT_OF_MEMORY"));
  faults_.reset();
  for (int nth = 1; nth <= 7; ++nth) {  // the bytes, four lists, two of outcomes
    faults_.reset();
    faults_.fail_nth = nth;
    EXPECT_THAT(error_of([&] { unpack(); }), HasSubstr("CUDA_ERROR_ILLEGAL_ADDRESS")) << nth;
  }
}

TEST(Unpacker, takes_rows_that_lie_where_a_format_wants_them) {
  EXPECT_TRUE(Unpacker::can_unpack(Kind::zstd, 4096));
  EXPECT_FALSE(Unpacker::can_unpack(Kind::zstd, 4097));
  EXPECT_FALSE(Unpacker::can_unpack(Kind::gzip, 12));
  EXPECT_TRUE(Unpacker::can_unpack(Kind::lz4, 4097));
  EXPECT_FALSE(Unpacker::can_unpack(Kind::none, 4096));
}

}  // namespace
}  // namespace headrace::kernels
