// The result line is gdsio's byte for byte, on runs that move real bytes.
#include "headrace/bench/gdsio.h"

#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>

#include "headrace/base/error.h"
#include "headrace/base/temp_folder.h"

namespace headrace::bench {
namespace {

using ::testing::HasSubstr;
using ::testing::MatchesRegex;

class Gdsio : public ::testing::Test {
 protected:
  // The lines of a run; "error: ..." when it was refused.
  std::vector<std::string> run(std::vector<std::string> words) {
    std::vector<std::string> lines;
    try {
      run_gdsio(parse_gdsio(words),
                {.print = [&](const std::string& line) { lines.push_back(line); }});
    } catch (const Error& error) {
      EXPECT_TRUE(error.code() == Code::invalid_argument || error.code() == Code::corrupt);
      lines.push_back(std::string("error: ") + error.what());
    }
    return lines;
  }
  TempFolder folder_;
};

TEST_F(Gdsio, the_lines_of_published_runs_come_out_the_same_byte_for_byte) {
  // Both as printed by gdsio 1.12 and later in public reports.
  EXPECT_EQ(gdsio_line({.type = GdsioType::read,
                        .transfer = GdsioTransfer::gpud,
                        .threads = 8,
                        .moved_bytes = uint64_t{818'796'544} << 10,
                        .wanted_bytes = uint64_t{4'096'000} << 10,
                        .io_size = {1 << 20, 1 << 20, 0},
                        .operations = 799'606,
                        .latency_sum_ns = 957'425'031'828,
                        .wall_s = 119.679102}),
            "IoType: READ XferType: GPUD Threads: 8 DataSetSize: 818796544/4096000(KiB) IOSize: "
            "1024(KiB) Throughput: 6.524658 GiB/sec, Avg_Latency: 1197.370995 usecs ops: 799606 "
            "total_time 119.679102 secs\n");
  EXPECT_EQ(gdsio_line({.type = GdsioType::write,
                        .transfer = GdsioTransfer::gpu_batch,
                        .threads = 10,
                        .moved_bytes = 80 << 10,
                        .wanted_bytes = 80 << 10,
                        .io_size = {4096, 4096, 0},
                        .operations = 20,
                        .latency_sum_ns = 69'533'000,
                        .wall_s = 0.007250}),
            "IoType: WRITE XferType: GPU_BATCH Threads: 1 IoDepth: 10 DataSetSize: 80/80(KiB) "
            "IOSize: 4(KiB) Throughput: 0.010523 GiB/sec, Avg_Latency: 3476.650000 usecs ops: 20 "
            "total_time 0.007250 secs\n");
}

TEST_F(Gdsio, writes_then_reads_a_file_for_each_thread) {
  const std::vector<std::string> common = {"-D",   folder_.path(), "-w",  "3",  "-s",
                                           "256K", "-i",           "64K", "-x", "1"};
  auto words = common;
  words.insert(words.end(), {"-I", "1"});
  auto lines = run(words);
  ASSERT_EQ(lines.size(), 1u);
  EXPECT_THAT(lines[0],
              MatchesRegex("IoType: WRITE XferType: CPUONLY Threads: 3 DataSetSize: "
                           "768/768\\(KiB\\) IOSize: 64\\(KiB\\) Throughput: "
                           "[0-9]+\\.[0-9][0-9][0-9][0-9][0-9][0-9] GiB/sec, Avg_Latency: "
                           "[0-9]+\\.[0-9][0-9][0-9][0-9][0-9][0-9] usecs ops: 12 total_time "
                           "[0-9]+\\.[0-9][0-9][0-9][0-9][0-9][0-9] secs\n"));
  EXPECT_EQ(std::filesystem::file_size(folder_ / "gdsio.2"), 256u << 10);
  words = common;
  words.insert(words.end(), {"-I", "2"});
  EXPECT_THAT(run(words)[0], HasSubstr("IoType: RANDREAD XferType: CPUONLY Threads: 3 "));
}

TEST_F(Gdsio, verification_prints_between_the_two_lines_and_finds_a_changed_byte) {
  const std::string file = folder_ / "data";
  const auto lines =
      run({"-f", file, "-w", "2", "-s", "1M", "-i", "4K:12K:4K", "-x", "1", "-I", "3", "-V"});
  ASSERT_EQ(lines.size(), 3u);
  EXPECT_THAT(lines[0], HasSubstr("IOSize: 4-12-4(KiB)"));
  EXPECT_EQ(lines[1], "Verifying data\n");
  EXPECT_THAT(lines[2], HasSubstr("IoType: RANDREAD"));
  std::fstream(file, std::ios::in | std::ios::out).seekp(70'000).put('x');
  const auto wrong = run({"-f", file, "-s", "128K", "-i", "4K", "-x", "1", "-V"});
  EXPECT_THAT(wrong.back(), HasSubstr("verification failed"));
}

TEST_F(Gdsio, unaligned_offsets_and_the_page_cache_are_served) {
  const std::string file = folder_ / "data";
  run({"-f", file, "-s", "1M", "-i", "64K", "-x", "1", "-I", "1", "-V"});
  for (const char* buffered : {"0", "1"}) {
    const auto lines =
        run({"-f", file, "-s", "1M", "-i", "8K", "-x", "1", "-I", "2", "-U", "-V", "-O", buffered});
    ASSERT_EQ(lines.size(), 3u) << lines.back();
    EXPECT_THAT(lines[2], HasSubstr("ops: 127 "));  // the last one would leave the file
  }
}

TEST_F(Gdsio, a_file_that_was_there_is_never_written) {
  std::ofstream(folder_ / "mine") << std::string(1 << 20, 'm');
  const auto lines = run({"-f", folder_ / "mine", "-s", "1M", "-i", "64K", "-x", "1", "-I", "1"});
  EXPECT_THAT(lines[0], HasSubstr("headrace gdsio did not make it"));
  std::ifstream file(folder_ / "mine");
  EXPECT_EQ(std::string(std::istreambuf_iterator<char>(file), {}), std::string(1 << 20, 'm'));
}

TEST_F(Gdsio, a_transfer_to_a_gpu_says_what_it_needs) {
  for (const char* transfer : {"0", "2", "3", "4", "5", "6", "7"}) {
    EXPECT_THAT(run({"-f", "F", "-s", "1M", "-x", transfer})[0],
                ::testing::AllOf(HasSubstr("needs a GPU"), HasSubstr("-x 1 (CPUONLY)")));
  }
}

TEST_F(Gdsio, per_job_lines_add_up_to_the_threads) {
  std::ofstream(folder_ / "x.gdsio")
      << "[global]\nxfer_type=1\nrw=write\nbs=64K\nsize=256K\nper_job_stats=1\n[job1]\n"
      << "num_threads=2\ndirectory=" << folder_.path() << "\n[job2]\nfilename=" << folder_ / "b\n";
  const auto lines = run({folder_ / "x.gdsio"});
  ASSERT_EQ(lines.size(), 2u) << lines.back();
  EXPECT_THAT(lines[0], HasSubstr("Threads: 2 DataSetSize: 512/512(KiB)"));
  EXPECT_THAT(lines[1], HasSubstr("Threads: 1 DataSetSize: 256/256(KiB)"));
}

}  // namespace
}  // namespace headrace::bench
