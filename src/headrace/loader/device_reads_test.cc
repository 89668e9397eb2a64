// Raw rows that are read past the host are the host's, by each way that works, and the choice is
// told with its figures; what fails is a bad sample, what cannot be is said. Over the stand-ins for
// libcufile and libcuda.
#include "headrace/loader/device_reads.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "headrace/device/fixture.h"
#include "headrace/loader/device_loader.h"
#include "headrace/loader/files_fixture.h"

namespace headrace::loader {
namespace {

using testing::HasSubstr;

struct Arrived {
  std::vector<uint64_t> ids = {};
  std::vector<std::byte> bytes = {};
  std::string error = {};
};

class DeviceReadsTest : public device::StandInDevice {
 protected:
  static constexpr size_t k_row_bytes = 5000;  // no whole sectors
  DeviceReadsTest() {
    file_faults_.reset();
    std::vector<std::vector<std::byte>> samples;
    for (size_t i = 0; i < 45; ++i) {
      samples.emplace_back(k_row_bytes);
      for (size_t at = 0; at < k_row_bytes; ++at) {
        samples.back()[at] = static_cast<std::byte>(i * 31 + at / 7);
      }
    }
    dataset_.emplace("x", samples);
  }
  ~DeviceReadsTest() override { file_faults_.reset(); }
  pipeline::Plan plan() const {
    return pipeline::compile(pipeline::parse_job("[batch]\nsize = 8\n[[field]]\nname = \"x\"\n"
                                                 "kind = \"raw\"\nshape = [5000]\n",
                                                 "test"),
                             *dataset_);
  }
  Options loader_options() const {
    return {.batch_size = 8,
            .workers = 2,
            .depth = 4,
            .on_error = on_error_,
            .verify_checksums = verify_,
            .seed = 3};
  }
  template <class Loads>
  static Arrived all_of(Loads& loader) {
    Arrived seen;
    try {
      while (const auto batch = loader.next()) {
        seen.ids.insert(seen.ids.end(), batch->ids().begin(), batch->ids().end());
        const auto bytes = batch->in_host_memory(batch->tensor(0));
        seen.bytes.insert(seen.bytes.end(), bytes.begin(), bytes.end());
      }
    } catch (const Error& error) {
      seen.error = error.what();
    }
    return seen;
  }
  Arrived by_the_host() const {
    const pipeline::Plan made = plan();
    Loader loader(made, *dataset_, loader_options());
    return all_of(loader);
  }
  Arrived by_the_device() {
    const pipeline::Plan made = plan();
    DeviceLoader loader(made, *dataset_, loader_options(),
                        {.device = options(),
                         .reads_there = true,
                         .cufile = shim::stand_in_path("cufile"),
                         .cufile_copies = copies_});
    Arrived seen = all_of(loader);
    info_ = loader.loader().ring_info();
    why_not_ = loader.why_not_on_device();
    return seen;
  }

  shim::StandInFaults& file_faults_ = shim::faults_of_stand_in("cufile");
  std::optional<FilesDataset> dataset_;
  pipeline::OnError on_error_ = pipeline::OnError::fail;
  bool verify_ = false;
  bool copies_ = true;
  io::RingInfo info_;
  std::string why_not_;
};

TEST_F(DeviceReadsTest, bring_the_hosts_rows_by_the_bounce_ring_and_say_why_that) {
  const Arrived expected = by_the_host();
  const Arrived seen = by_the_device();
  EXPECT_EQ(seen.error, "");
  EXPECT_EQ(seen.ids, expected.ids);
  EXPECT_EQ(seen.bytes, expected.bytes);
  EXPECT_EQ(info_.engine, "bounce");
  EXPECT_THAT(info_.why_not_better, HasSubstr("no nvidia-fs"));
  EXPECT_THAT(info_.why_not_better, HasSubstr("bounce: "));
  EXPECT_THAT(info_.why_not_better, HasSubstr("/s"));
}

TEST_F(DeviceReadsTest, are_measured_each_way_where_cufile_is_direct) {
  copies_ = false;
  const Arrived seen = by_the_device();
  EXPECT_EQ(seen.bytes, by_the_host().bytes);
  for (const char* engine : {"cufile-batch: ", "cufile: ", "cufile-stream: ", "bounce: "}) {
    EXPECT_THAT(info_.why_not_better, HasSubstr(engine));
  }
}

TEST_F(DeviceReadsTest, take_the_way_that_works_and_name_those_that_do_not) {
  copies_ = false;
  file_faults_.driver_error = 5001;
  EXPECT_EQ(by_the_device().bytes, by_the_host().bytes);
  EXPECT_EQ(info_.engine, "bounce");
  EXPECT_THAT(info_.why_not_better, HasSubstr("cuFileDriverOpen: error 5001"));
  file_faults_.reset();
  file_faults_.register_error = 5011;  // of every file
  EXPECT_EQ(by_the_device().bytes, by_the_host().bytes);
  EXPECT_EQ(info_.engine, "bounce");
  EXPECT_THAT(info_.why_not_better, HasSubstr("cufile: its reads failed"));
}

TEST_F(DeviceReadsTest, leave_out_rows_that_cannot_be_read_or_end_the_run_with_them) {
  const formats::FileInfo file = dataset_->file(0);
  std::filesystem::resize_file(file.path, file.size_bytes - 100);
  EXPECT_THAT(by_the_device().error, HasSubstr("the file ends before the sample does"));
  on_error_ = pipeline::OnError::skip;
  const Arrived expected = by_the_host();
  EXPECT_EQ(expected.ids.size(), 44u);
  const Arrived seen = by_the_device();
  EXPECT_EQ(seen.error, "");
  EXPECT_EQ(seen.ids, expected.ids);
  EXPECT_EQ(seen.bytes, expected.bytes);
}

TEST_F(DeviceReadsTest, are_the_hosts_to_make_where_bytes_must_be_seen) {
  verify_ = true;
  const Arrived seen = by_the_device();
  EXPECT_EQ(seen.bytes, by_the_host().bytes);
  EXPECT_THAT(why_not_, HasSubstr("loader.verify_checksums = false"));
}

}  // namespace
}  // namespace headrace::loader
