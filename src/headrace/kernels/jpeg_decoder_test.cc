// Pictures decoded in a stream, by engines and kernels, and each status of the library. Over the
// stand-ins for libnvjpeg and libcuda.
#include "headrace/kernels/jpeg_decoder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "headrace/device/fixture.h"
#include "headrace/device/memory.h"
#include "headrace/device/stream.h"
#include "headrace/jpeg/sample_pictures.h"

namespace headrace::kernels {
namespace {

using testing::HasSubstr;

class JpegDecoderTest : public device::StandInDevice {
 protected:
  JpegDecoderTest() { jpeg_faults_.reset(); }
  ~JpegDecoderTest() override {
    jpeg_faults_.reset();
    EXPECT_EQ(jpeg_faults_.handles, 0);
  }
  static JpegDecoderOptions with_stand_in() { return {.library = shim::stand_in_path("nvjpeg")}; }
  static jpeg::SampleOptions sample(uint32_t seed) {
    return {
        .width = 60 + 7 * seed, .height = 40 + seed, .progressive = seed % 2 == 1, .seed = seed};
  }
  // Decodes in one batch; empty pixels where a picture was refused.
  std::vector<std::vector<uint8_t>> decoded(const std::vector<std::vector<std::byte>>& files) {
    JpegDecoder decoder(device(), with_stand_in());
    constexpr size_t k_room = size_t{3} * 200 * 200;
    const device::DeviceMemory memory(device(), files.size() * k_room);
    std::vector<CodedPicture> pictures;
    for (uint32_t i = 0; i < files.size(); ++i) {
      pictures.push_back({.bytes = files[i],
                          .pixels = memory.address() + i * k_room,
                          .stride_bytes = 3 * sample(i).width,
                          .baseline = !sample(i).progressive});
    }
    std::vector<uint8_t> good(files.size());
    device::Stream stream(device());
    decoder.start(pictures, good, stream.handle());
    stream.synchronize();
    std::vector<std::vector<uint8_t>> all(files.size());
    for (uint32_t i = 0; i < files.size(); ++i) {
      const auto* from = reinterpret_cast<const uint8_t*>(pictures[i].pixels);
      if (good[i] != 0) all[i].assign(from, from + 3 * sample(i).width * sample(i).height);
    }
    return all;
  }
  static std::vector<std::vector<std::byte>> files(uint32_t count) {
    std::vector<std::vector<std::byte>> made;
    for (uint32_t i = 0; i < count; ++i) made.push_back(jpeg::make_sample(sample(i)));
    return made;
  }
  static std::vector<uint8_t> expected(uint32_t seed) {
    const jpeg::Oracle oracle = jpeg::decode_whole(jpeg::make_sample(sample(seed)));
    std::vector<uint8_t> mixed;
    for (size_t i = 0; i < oracle.planes[0].size(); ++i) {
      for (const auto& plane : oracle.planes) mixed.push_back(plane[i]);
    }
    return mixed;
  }

  shim::StandInFaults& jpeg_faults_ = shim::faults_of_stand_in("nvjpeg");
};

TEST_F(JpegDecoderTest, decodes_a_batch_with_and_without_engines) {
  for (const int engines : {0, 5}) {
    jpeg_faults_.reset();
    jpeg_faults_.engines = engines;
    EXPECT_EQ(JpegDecoder(device(), with_stand_in()).engine_count(),
              static_cast<unsigned>(engines));
    const auto pixels = decoded(files(6));
    for (uint32_t i = 0; i < 6; ++i) EXPECT_EQ(pixels[i], expected(i)) << i;
    EXPECT_EQ(jpeg_faults_.transfers, engines == 0 ? 1 : 2) << "a call a backend";
  }
}

TEST_F(JpegDecoderTest, tells_which_picture_it_cannot_decode_and_decodes_the_others) {
  auto batch = files(5);
  batch[1].resize(batch[1].size() / 2);
  batch[2][0] = std::byte{0};
  batch[4] = jpeg::make_sample({.width = 88, .height = 44, .color = jpeg::SampleColor::cmyk});
  for (const int engines : {0, 2}) {
    jpeg_faults_.reset();
    jpeg_faults_.engines = engines;
    const auto pixels = decoded(batch);
    for (const uint32_t bad : {1, 2, 4}) EXPECT_TRUE(pixels[bad].empty()) << bad;
    for (const uint32_t good : {0, 3}) EXPECT_EQ(pixels[good], expected(good)) << good;
  }
}

TEST_F(JpegDecoderTest, does_without_a_flag_that_the_library_does_not_know) {
  jpeg_faults_.refuses_flags = 1;
  EXPECT_EQ(decoded(files(1))[0], expected(0));
}

TEST_F(JpegDecoderTest, says_where_the_library_comes_from) {
  EXPECT_THAT(error_of([&] { const JpegDecoder none(device(), {.library = "libnowhere.so"}); }),
              HasSubstr("cannot decode pictures on a device: libnowhere.so"));
}

TEST_F(JpegDecoderTest, says_the_status_of_whatever_is_not_the_pictures_fault) {
  for (const int status : {int{shim::jpeg_not_initialized}, int{shim::jpeg_allocator_failure},
                           int{shim::jpeg_execution_failed}, int{shim::jpeg_arch_mismatch},
                           int{shim::jpeg_internal_error}, 77}) {
    const std::string name = shim::NvJpeg::name_of_status(status);
    for (auto* fault :
         {&jpeg_faults_.driver_error, &jpeg_faults_.register_error, &jpeg_faults_.buffer_error}) {
      jpeg_faults_.reset();
      *fault = status;
      EXPECT_THAT(error_of([&] { decoded(files(1)); }), HasSubstr(name));
    }
    jpeg_faults_.reset();
    jpeg_faults_.fail_nth = 1;
    jpeg_faults_.fail_code = status;
    EXPECT_THAT(error_of([&] { decoded(files(1)); }), HasSubstr(name));
  }
}

TEST_F(JpegDecoderTest, passes_a_lost_device_on) {
  const JpegDecoder made(device(), with_stand_in());
  const auto batch = files(1);
  JpegDecoder decoder(device(), with_stand_in());
  std::vector<uint8_t> good(1), pixels(size_t{3} * 60 * 40);
  const CodedPicture picture{.bytes = batch[0],
                             .pixels = reinterpret_cast<shim::CuAddress>(pixels.data()),
                             .stride_bytes = 180};
  faults_.lost = 719;
  EXPECT_THAT(error_of([&] {
                decoder.start({&picture, 1}, good, nullptr);
              }),
              HasSubstr("NVJPEG_STATUS_EXECUTION_FAILED"));
}

}  // namespace
}  // namespace headrace::kernels
