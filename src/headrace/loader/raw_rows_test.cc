// Rows that are read into place: the same bytes, and no block of the read buffer.
#include "headrace/loader/raw_rows.h"

#include <gmock/gmock.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <filesystem>

#include "headrace/formats/tar_builder.h"
#include "headrace/loader/configure.h"
#include "headrace/loader/fixture.h"

namespace headrace::loader {
namespace {

using testing::HasSubstr;

constexpr uint64_t k_sample_count = 40;

class RawRowsTest : public testing::Test {
 protected:
  // Samples of so many bytes each, all of them the sample's number.
  void write_samples(size_t sample_bytes) {
    formats::TarBuilder tar;
    for (uint64_t k = 0; k < k_sample_count; ++k) {
      tar.add(std::to_string(k) + ".bin", std::string(sample_bytes, static_cast<char>(k)));
    }
    write_text(folder_ / "a.tar", tar.finished());
    job_ = pipeline::parse_job(
        fmt::format("[batch]\nsize = 8\n[loader]\nworkers = 2\nread_ahead = \"1M\"\n"
                    "[dataset]\ncache = \"page\"\n[[field]]\n"
                    "name = \"bin\"\nkind = \"raw\"\nshape = [{}]\n",
                    sample_bytes),
        "the test");
  }
  // "", or why the run could not go on.
  std::string run(io::Caching caching, size_t read_buffer_bytes) {
    dataset_ = formats::Dataset::open(folder_ / "a.tar", {});
    const pipeline::Plan plan = pipeline::compile(job_, *dataset_);
    Options options = configure(job_, *dataset_, {.cores = 2, .available_bytes = 1 << 30});
    options.caching = caching;
    options.read_buffer_bytes = read_buffer_bytes;
    options.numa_node = 0;
    options.make_ring = [&](const io::RingOptions& ring) {
      ring_bytes_ = ring.arena.size();
      memory_policy_ = policy_of(ring.arena);
      return io::make_ring(ring);
    };
    Loader loader(plan, *dataset_, options);
    row_count_ = 0;
    try {
      while (const auto batch = loader.next()) check_rows(*batch);
    } catch (const Error& error) {
      return error.what();
    }
    return "";
  }
  // As the kernel knows it; -1 where it has none.
  static int policy_of(std::span<std::byte> memory) {
    constexpr unsigned k_of_address = 2;  // MPOL_F_ADDR of linux/mempolicy.h
    int policy = 0;
    const long told =
        ::syscall(SYS_get_mempolicy, &policy, nullptr, 0UL, memory.data(), k_of_address);
    return told == 0 ? policy : -1;
  }
  void check_rows(const Batch& batch) {
    const auto bytes = batch.tensor(0).bytes;
    const size_t row_bytes = bytes.size() / batch.row_count();
    for (uint32_t row = 0; row < batch.row_count(); ++row, ++row_count_) {
      const auto row_of = bytes.subspan(row * row_bytes, row_bytes);
      const auto wanted = static_cast<std::byte>(std::stoi(dataset_->key(batch.ids()[row])));
      EXPECT_TRUE(std::ranges::all_of(row_of, [&](std::byte one) { return one == wanted; }));
    }
  }
  TempFolder folder_;
  std::unique_ptr<formats::Dataset> dataset_;
  pipeline::Job job_;
  uint64_t row_count_ = 0;
  size_t ring_bytes_ = 0;   // of the memory that reads come to
  int memory_policy_ = -1;  // and whose node's it is
};

TEST_F(RawRowsTest, whole_pages_need_no_block_however_they_are_read) {
  write_samples(8192);
  for (const io::Caching caching : {io::Caching::page, io::Caching::direct}) {
    EXPECT_EQ(run(caching, 4096), "");  // less than one sample
    EXPECT_EQ(row_count_, k_sample_count);
  }
}

TEST_F(RawRowsTest, what_reads_come_to_is_of_the_disks_node) {
  constexpr int k_preferred = 1;  // MPOL_PREFERRED
  write_samples(8192);
  for (const io::Caching caching : {io::Caching::page, io::Caching::direct}) {
    EXPECT_EQ(run(caching, 64 << 10), "");
    if (memory_policy_ < 0) GTEST_SKIP() << "the kernel has no NUMA policies";
    EXPECT_EQ(memory_policy_, k_preferred);
  }
  EXPECT_GT(ring_bytes_, size_t{64} << 10) << "it was the slots' memory at last";
}

TEST_F(RawRowsTest, what_a_direct_read_cannot_bring_exactly_takes_the_long_way) {
  write_samples(4096 + 100);
  EXPECT_EQ(run(io::Caching::direct, 64 << 10), "");
  EXPECT_EQ(row_count_, k_sample_count);
  EXPECT_THAT(run(io::Caching::direct, 4096), HasSubstr("loader.read_ahead"));
}

TEST_F(RawRowsTest, a_file_that_shrinks_is_an_error_as_ever) {
  write_samples(8192);
  EXPECT_EQ(run(io::Caching::page, 4096), "");
  const auto dataset = formats::Dataset::open(folder_ / "a.tar", {});
  const pipeline::Plan plan = pipeline::compile(job_, *dataset);
  std::filesystem::resize_file(folder_ / "a.tar", 20'000);
  Options options = configure(job_, *dataset, {.cores = 2, .available_bytes = 1 << 30});
  Loader loader(plan, *dataset, options);
  try {
    while (loader.next()) {
    }
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("the file ends before the sample does"));
  }
}

}  // namespace
}  // namespace headrace::loader
