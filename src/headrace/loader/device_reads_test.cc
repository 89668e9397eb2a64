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
#include "headrace/shim/nvcomp.h"

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
    dataset_.emplace("x", rows(k_row_bytes, 31));
  }
  ~DeviceReadsTest() override { file_faults_.reset(); }
  pipeline::Plan plan() const {
    return pipeline::compile(pipeline::parse_job("[batch]\nsize = 8\n" + fields_, "test"),
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
  // Rows that differ, and shrink.
  static FilesDataset::Samples rows(size_t row_bytes, size_t seed) {
    FilesDataset::Samples samples(45, std::vector<std::byte>(row_bytes));
    for (size_t i = 0; i < samples.size(); ++i) {
      for (size_t at = 0; at < row_bytes; ++at) {
        samples[i][at] = static_cast<std::byte>(i * seed + at / 50);
      }
    }
    return samples;
  }
  static FilesDataset::Samples packed(FilesDataset::Samples samples, codec::Kind kind) {
    for (auto& sample : samples) {
      sample = codec::compressed(kind, sample, codec::level_of(kind)->standard);
    }
    return samples;
  }
  template <class Loads>
  static Arrived all_of(Loads& loader) {
    Arrived seen;
    try {
      while (const auto batch = loader.next()) {
        seen.ids.insert(seen.ids.end(), batch->ids().begin(), batch->ids().end());
        for (size_t index = 0; index < batch->tensor_count(); ++index) {
          const auto bytes = batch->in_host_memory(batch->tensor(index));
          seen.bytes.insert(seen.bytes.end(), bytes.begin(), bytes.end());
        }
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
                         .cufile_copies = copies_,
                         .nvcomp = nvcomp_});
    Arrived seen = all_of(loader);
    stats_ = loader.device_stats();
    reads_ = loader.loader().stats().feeder.read_count;
    read_bytes_ = loader.loader().stats().feeder.arrived_bytes;
    shares_.clear();
    for (size_t field = 0; field < made.fields.size(); ++field) {
      shares_.push_back(loader.device_share(field));
    }
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
  std::string fields_ = "[[field]]\nname = \"x\"\nkind = \"raw\"\nshape = [5000]\n";
  std::string nvcomp_ = shim::stand_in_path("nvcomp");
  DeviceStats stats_;
  uint64_t reads_ = 0, read_bytes_ = 0;
  std::vector<double> shares_;
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

TEST_F(DeviceReadsTest, count_as_the_storages_work) {
  by_the_device();
  EXPECT_EQ(reads_, 45u);
  EXPECT_EQ(read_bytes_, 45 * k_row_bytes);
  EXPECT_EQ(stats_.copied_bytes, 0u);
  EXPECT_EQ(shares_, std::vector<double>{1});
}

TEST_F(DeviceReadsTest, bring_several_fields_raw_and_compressed) {
  for (const codec::Kind kind : {codec::Kind::zstd, codec::Kind::gzip, codec::Kind::lz4}) {
    dataset_.emplace(std::vector<std::string>{"x", "y" + std::string(codec::suffix_of(kind)), "z"},
                     std::vector{rows(5000, 3), packed(rows(4096, 5), kind), rows(9000, 7)});
    fields_ =
        "[[field]]\nname = \"x\"\nkind = \"raw\"\nshape = [5000]\n"
        "[[field]]\nname = \"y\"\nkind = \"raw\"\nshape = [4096]\ndecompress = \"auto\"\n"
        "[[field]]\nname = \"z\"\nkind = \"raw\"\nshape = [9000]\n";
    const Arrived expected = by_the_host();
    const Arrived seen = by_the_device();
    EXPECT_EQ(seen.error, "");
    EXPECT_EQ(why_not_, "");
    EXPECT_EQ(seen.ids, expected.ids);
    EXPECT_EQ(seen.bytes, expected.bytes) << codec::name_of(kind);
    const bool is_lz4 = kind == codec::Kind::lz4;
    EXPECT_EQ(shares_, (std::vector<double>{1, is_lz4 ? 0.0 : 1.0, 1}));
    const uint64_t unpacked_there =
        stats_.stages[static_cast<size_t>(DeviceStage::unpack)].row_count;
    EXPECT_EQ(unpacked_there, is_lz4 ? 0u : 45u) << "LZ4's are the host's";
  }
}

TEST_F(DeviceReadsTest, leave_to_the_host_what_the_device_cannot_unpack_and_its_bad_rows_are_bad) {
  auto samples = packed(rows(4096, 5), codec::Kind::zstd);
  samples[7].resize(samples[7].size() / 2);
  samples[9].assign(20'000, std::byte{1});  // longer than what codecs make of such a row
  dataset_.emplace("x.zst", samples);
  fields_ = "[[field]]\nname = \"x\"\nkind = \"raw\"\nshape = [4096]\ndecompress = \"gpu\"\n";
  on_error_ = pipeline::OnError::skip;
  auto& comp_faults = shim::faults_of_stand_in("nvcomp");
  comp_faults.reset();
  comp_faults.fail_nth = 3;
  comp_faults.fail_code = shim::k_comp_cannot_decompress;
  const Arrived expected = by_the_host();
  const Arrived seen = by_the_device();
  comp_faults.reset();
  EXPECT_EQ(seen.error, "");
  EXPECT_EQ(seen.ids.size(), 43u);
  EXPECT_EQ(seen.ids, expected.ids);
  EXPECT_EQ(seen.bytes, expected.bytes);
}

TEST_F(DeviceReadsTest, need_nvcomp_for_compressed_fields) {
  dataset_.emplace("x.zst", packed(rows(4096, 5), codec::Kind::zstd));
  const std::string raw = "[[field]]\nname = \"x\"\nkind = \"raw\"\nshape = [4096]\n";
  nvcomp_ = "libnowhere.so";
  fields_ = raw + "decompress = \"auto\"\n";
  EXPECT_EQ(by_the_device().bytes, by_the_host().bytes);
  EXPECT_THAT(why_not_, HasSubstr("field x: cannot decompress on a device"));
  fields_ = raw;
  EXPECT_EQ(by_the_device().bytes, by_the_host().bytes);
  EXPECT_THAT(why_not_, HasSubstr("decompress = \"gpu\" unpacks it there"));
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
