// Rows that the device makes are the host's: pictures within 1 of its, bytes exactly, in the same
// order, whatever the share, the room and what fails; bad samples are the same ones. Over the
// stand-ins for libcuda, libnvjpeg and libnvcomp.
#include "headrace/loader/device_rows.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>

#include "headrace/device/fixture.h"
#include "headrace/jpeg/sample_pictures.h"
#include "headrace/loader/device_loader.h"
#include "headrace/loader/files_fixture.h"

namespace headrace::loader {
namespace {

using testing::HasSubstr;
using Samples = std::vector<std::vector<std::byte>>;

struct Given {
  std::vector<uint64_t> ids = {};
  std::vector<uint8_t> bytes = {};
  std::string error = {};
};

class DeviceRowsTest : public device::StandInDevice {
 protected:
  DeviceRowsTest() {
    jpeg_faults_.reset();
    comp_faults_.reset();
    on_.device = options();
    on_.nvjpeg = shim::stand_in_path("nvjpeg");
    on_.nvcomp = shim::stand_in_path("nvcomp");
    on_.kernels = code_;
  }
  ~DeviceRowsTest() override {
    jpeg_faults_.reset();
    comp_faults_.reset();
    EXPECT_EQ(jpeg_faults_.handles, 0);
  }
  static pipeline::Plan plan_of(const std::string& field, const formats::Dataset& dataset) {
    const pipeline::Job job =
        pipeline::parse_job("[batch]\nsize = 8\n[[field]]\nname = \"x\"\n" + field, "test");
    return pipeline::compile(job, dataset);
  }
  static std::string picture(const std::string& decode) {
    return "from = \"jpg\"\ntype = \"uint8\"\nsize = [24, 40]\nflip = 0.5\ndct_scaling = false\n"
           "decode = \"" +
           decode + "\"\n";
  }
  static std::string raw(const std::string& place, size_t row_bytes) {
    return "kind = \"raw\"\nshape = [" + std::to_string(row_bytes) + "]\ndecompress = \"" + place +
           "\"\n";
  }
  static Samples pictures(uint32_t count) {
    Samples samples;
    for (uint32_t i = 0; i < count; ++i) {
      jpeg::SampleOptions sample{.width = 50 + i * 7 % 60, .height = 40 + i * 5 % 50, .seed = i};
      if (i % 5 == 1) sample.color = jpeg::SampleColor::grey;
      if (i % 7 == 2) sample.progressive = true;
      if (i % 9 == 3) sample.color = jpeg::SampleColor::cmyk;  // the host's
      samples.push_back(jpeg::make_sample(sample));
      if (i % 4 == 1) samples.back() = turned(samples.back(), static_cast<uint8_t>(1 + i % 8));
    }
    return samples;
  }
  static std::vector<std::byte> turned(std::span<const std::byte> file, uint8_t orientation) {
    const uint8_t exif[] = {'E',  'x', 'i', 'f', 0, 0, 'I', 'I', 42,          0, 8, 0, 0, 0, 1, 0,
                            0x12, 1,   3,   0,   1, 0, 0,   0,   orientation, 0, 0, 0, 0, 0, 0, 0};
    return jpeg::with_segment(file, 0xe1, std::as_bytes(std::span(exif)));
  }

  Options loader_options() const {
    return {.batch_size = 8, .workers = 2, .depth = 4, .on_error = on_error_, .seed = 5};
  }
  template <class Loads>
  static Given all_of(Loads& loader) {
    Given given;
    try {
      while (const auto batch = loader.next()) {
        given.ids.insert(given.ids.end(), batch->ids().begin(), batch->ids().end());
        const Tensor tensor = batch->tensor(0);
        for (const std::byte byte : batch->in_host_memory(tensor)) {
          given.bytes.push_back(static_cast<uint8_t>(byte));
        }
      }
    } catch (const Error& error) {
      given.error = error.what();
    }
    return given;
  }
  Given by_the_host(const std::string& field, const FilesDataset& dataset) const {
    const pipeline::Plan plan = plan_of(field, dataset);
    Loader loader(plan, dataset, loader_options());
    return all_of(loader);
  }
  Given by_the_device(const std::string& field, const FilesDataset& dataset) {
    const pipeline::Plan plan = plan_of(field, dataset);
    try {
      DeviceLoader loader(plan, dataset, loader_options(), on_);
      Given given = all_of(loader);
      share_ = loader.device_share(0);
      stages_ = loader.device_stats().stages;
      why_not_ = loader.why_not_on_device();
      return given;
    } catch (const Error& error) {
      return {.error = error.what()};
    }
  }
  static int worst(const Given& a, const Given& b) {
    if (a.bytes.size() != b.bytes.size()) return 1000;
    int most = 0;
    for (size_t i = 0; i < a.bytes.size(); ++i) {
      most = std::max(most, std::abs(int{a.bytes[i]} - int{b.bytes[i]}));
    }
    return most;
  }

  shim::StandInFaults& jpeg_faults_ = shim::faults_of_stand_in("nvjpeg");
  shim::StandInFaults& comp_faults_ = shim::faults_of_stand_in("nvcomp");
  std::vector<std::byte> code_ = std::vector<std::byte>(16);
  DeviceOptions on_;
  pipeline::OnError on_error_ = pipeline::OnError::fail;
  double share_ = 0;
  StageSums stages_ = {};
  std::string why_not_;
};

TEST_F(DeviceRowsTest, are_pictures_within_one_of_the_hosts_in_its_order) {
  const FilesDataset dataset("jpg", pictures(45));
  const Given expected = by_the_host(picture("exact"), dataset);
  ASSERT_EQ(expected.error, "");
  for (const int engines : {0, 3}) {
    for (const char* decode : {"gpu", "auto"}) {
      jpeg_faults_.reset();
      jpeg_faults_.engines = engines;
      const Given given = by_the_device(picture(decode), dataset);
      EXPECT_EQ(given.error, "");
      EXPECT_EQ(given.ids, expected.ids);
      EXPECT_LE(worst(given, expected), 1) << decode;
      EXPECT_GT(jpeg_faults_.transfers, 0);
    }
  }
}

TEST_F(DeviceRowsTest, are_counted_and_timed_by_the_devices_stages) {
  const FilesDataset pictures_only("jpg", pictures(24));
  by_the_device(picture("gpu"), pictures_only);
  const auto of = [&](DeviceStage stage) { return stages_[static_cast<size_t>(stage)]; };
  EXPECT_EQ(of(DeviceStage::decode).row_count, 24u - 3) << "CMYK is the host's";
  EXPECT_EQ(of(DeviceStage::kernel).row_count, 24u - 3);
  EXPECT_GT(of(DeviceStage::decode).busy_ns, 0u);
  EXPECT_GT(of(DeviceStage::kernel).busy_ns, 0u);
  EXPECT_EQ(of(DeviceStage::unpack).row_count, 0u);
  const std::vector<std::byte> row(512);
  const FilesDataset packed("x.lz4", Samples(20, codec::compressed(codec::Kind::lz4, row, 1)));
  by_the_device(raw("gpu", row.size()), packed);
  EXPECT_EQ(of(DeviceStage::unpack).row_count, 20u);
  EXPECT_GT(of(DeviceStage::copy).busy_ns, 0u);
  EXPECT_EQ(share_, 1);
  by_the_device(raw("cpu", row.size()), packed);
  EXPECT_EQ(of(DeviceStage::unpack).row_count, 0u);
  EXPECT_LT(share_, 0) << "the host's alone";
}

TEST_F(DeviceRowsTest, are_the_same_when_pixels_have_room_for_a_few_pictures_at_a_time) {
  const FilesDataset dataset("jpg", pictures(24));
  const Given expected = by_the_device(picture("gpu"), dataset);
  const int calls = jpeg_faults_.transfers;
  on_.decode_bytes = 40'000;  // two or three
  const Given given = by_the_device(picture("gpu"), dataset);
  EXPECT_EQ(given.bytes, expected.bytes);
  EXPECT_GT(jpeg_faults_.transfers - calls, calls + 3);
  on_.decode_bytes = 10'000;  // for the smallest alone; the rest are the host's
  EXPECT_LE(worst(by_the_device(picture("gpu"), dataset), expected), 1);
}

TEST_F(DeviceRowsTest, are_made_by_the_host_where_the_library_refuses_a_picture) {
  const FilesDataset dataset("jpg", pictures(16));
  const Given expected = by_the_host(picture("exact"), dataset);
  jpeg_faults_.fail_nth = 2;  // of the second batch, and none of its pictures alone
  jpeg_faults_.fail_code = shim::jpeg_not_supported;
  const Given given = by_the_device(picture("gpu"), dataset);
  EXPECT_EQ(given.ids, expected.ids);
  EXPECT_LE(worst(given, expected), 1);
}

TEST_F(DeviceRowsTest, that_nobody_can_make_end_the_run_or_are_left_out_as_the_hosts_are) {
  Samples samples = pictures(30);
  for (const size_t bad : {4, 5, 17}) {  // a marker where every crop's decoding has to pass
    const uint64_t scan = jpeg::parse_header(samples[bad])->scan.offset_bytes;
    samples[bad][scan + 20] = std::byte{0xff};
    samples[bad][scan + 21] = std::byte{0xd3};
  }
  samples[22].resize(samples[22].size() / 2);  // which a worker already notices
  const FilesDataset dataset("jpg", samples);
  EXPECT_THAT(by_the_device(picture("gpu"), dataset).error, HasSubstr("cannot make sample"));
  on_error_ = pipeline::OnError::skip;
  const Given expected = by_the_host(picture("exact"), dataset);
  EXPECT_EQ(expected.ids.size(), 26u);
  for (const char* decode : {"gpu", "auto"}) {
    const Given given = by_the_device(picture(decode), dataset);
    EXPECT_EQ(given.error, "");
    EXPECT_EQ(given.ids, expected.ids);
    EXPECT_LE(worst(given, expected), 1);
  }
}

TEST_F(DeviceRowsTest, of_a_plan_with_uneven_rows_are_all_the_hosts_and_it_says_so) {
  Samples numbers;
  for (uint32_t i = 0; i < 24; ++i) numbers.emplace_back(4 * (1 + i % 3), std::byte{1});
  const FilesDataset dataset({"jpg", "n.i32"}, {pictures(24), numbers});
  const std::string ragged = picture("gpu") +
                             "[[field]]\nname = \"n\"\nkind = \"array\"\ntype = \"int32\"\n"
                             "ragged = \"offsets\"\nmax_length = 3\n";
  const Given expected = by_the_host(ragged, dataset);
  const Given given = by_the_device(ragged, dataset);
  EXPECT_EQ(given.error, "");
  EXPECT_EQ(given.bytes, expected.bytes);
  EXPECT_THAT(why_not_, HasSubstr("rows of uneven length are moved together by the host"));
  EXPECT_LT(share_, 0);
}

TEST_F(DeviceRowsTest, want_nvjpeg_only_where_the_field_insists) {
  const FilesDataset dataset("jpg", pictures(8));
  on_.nvjpeg = "libnowhere.so";
  EXPECT_THAT(by_the_device(picture("gpu"), dataset).error, HasSubstr("pip install nvidia-nvjpeg"));
  const Given given = by_the_device(picture("auto"), dataset);
  EXPECT_EQ(given.bytes, by_the_host(picture("exact"), dataset).bytes);
  EXPECT_THAT(why_not_, HasSubstr("field x: cannot decode pictures on a device"));
  on_.nvjpeg = shim::stand_in_path("nvjpeg");
  on_.kernels = {};
  EXPECT_THAT(by_the_device(picture("gpu"), dataset).error, HasSubstr("this build has none"));
}

TEST_F(DeviceRowsTest, are_unpacked_bytes_exactly) {
  constexpr size_t k_row_bytes = 4096;
  for (const codec::Kind kind : {codec::Kind::zstd, codec::Kind::lz4, codec::Kind::gzip}) {
    Samples samples;
    for (uint32_t i = 0; i < 37; ++i) {
      std::vector<std::byte> row(k_row_bytes);
      for (size_t at = 0; at < row.size(); ++at) row[at] = static_cast<std::byte>(at * i / 50);
      samples.push_back(codec::compressed(kind, row, codec::level_of(kind)->standard));
    }
    const FilesDataset dataset("x" + std::string(codec::suffix_of(kind)), samples);
    const Given expected = by_the_host(raw("cpu", k_row_bytes), dataset);
    ASSERT_EQ(expected.error, "");
    for (const char* place : {"gpu", "auto"}) {
      comp_faults_.reset();
      Given given = by_the_device(raw(place, k_row_bytes), dataset);
      EXPECT_EQ(given.error, "");
      EXPECT_EQ(given.ids, expected.ids);
      EXPECT_EQ(given.bytes, expected.bytes) << codec::name_of(kind) << " " << place;
      EXPECT_GT(comp_faults_.transfers, 0);
      comp_faults_.reset();
      comp_faults_.fail_nth = 3;  // the host makes that one
      comp_faults_.fail_code = shim::k_comp_cannot_decompress;
      given = by_the_device(raw(place, k_row_bytes), dataset);
      EXPECT_EQ(given.bytes, expected.bytes);
    }
  }
}

TEST_F(DeviceRowsTest, end_with_the_libraries_or_the_devices_failure_and_all_memory_comes_back) {
  const FilesDataset dataset("jpg", pictures(16));
  jpeg_faults_.fail_nth = 2;
  jpeg_faults_.fail_code = shim::jpeg_execution_failed;
  EXPECT_THAT(by_the_device(picture("gpu"), dataset).error,
              HasSubstr("NVJPEG_STATUS_EXECUTION_FAILED"));
  jpeg_faults_.reset();
  for (int nth = 1; nth <= 6; ++nth) {
    faults_.reset();
    faults_.fail_nth = nth;
    EXPECT_THAT(by_the_device(picture("auto"), dataset).error,
                HasSubstr("CUDA_ERROR_ILLEGAL_ADDRESS"));
    faults_.reset();
    faults_.fail_nth = nth;
    faults_.fail_code = 719;
    EXPECT_NE(by_the_device(picture("auto"), dataset).error, "");
    EXPECT_EQ(faults_.buffers, 0);
    EXPECT_EQ(jpeg_faults_.handles, 0);
  }
}

}  // namespace
}  // namespace headrace::loader
