// gdsio's own command lines and config files mean what they mean to gdsio.
#include "headrace/bench/gdsio_options.h"

#include <gmock/gmock.h>

#include "headrace/base/error.h"

namespace headrace::bench {
namespace {

using ::testing::HasSubstr;

GdsioOptions parsed(std::vector<std::string> words) { return parse_gdsio(words); }
std::string refusal_of(const std::vector<std::string>& words) {
  try {
    (void)parse_gdsio(words);
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Code::invalid_argument);
    return error.what();
  }
  return "";
}

TEST(GdsioOptions, the_usual_command_line_is_understood) {
  const GdsioOptions options =
      parsed({"-f", "F", "-d", "0", "-w", "4", "-s", "10G", "-i", "1M", "-I", "0", "-x", "2"});
  ASSERT_EQ(options.jobs.size(), 1u);
  EXPECT_EQ(options.jobs[0].file, "F");
  EXPECT_EQ(options.jobs[0].threads, 4u);
  EXPECT_EQ(options.size_bytes, uint64_t{10} << 30);
  EXPECT_EQ(options.io_size.least_bytes, uint64_t{1} << 20);
  EXPECT_EQ(options.type, GdsioType::read);
  EXPECT_EQ(options.transfer, GdsioTransfer::cpu_gpu);
}

TEST(GdsioOptions, a_value_may_follow_its_flag_without_a_space) {
  const GdsioOptions options = parsed({"-D/data", "-w8", "-s500M", "-i4K", "-x1", "-I3", "-T120"});
  EXPECT_EQ(options.jobs[0].folder, "/data");
  EXPECT_EQ(options.type, GdsioType::random_write);
  EXPECT_EQ(options.duration_s, 120u);
}

TEST(GdsioOptions, a_range_of_sizes_is_least_most_and_step) {
  const GdsioSizes sizes = parsed({"-f", "F", "-i", "4K:1M:8K"}).io_size;
  EXPECT_EQ(sizes.least_bytes, 4096u);
  EXPECT_EQ(sizes.most_bytes, uint64_t{1} << 20);
  EXPECT_EQ(sizes.step_bytes, 8192u);
  EXPECT_THAT(refusal_of({"-f", "F", "-i", "1M:4K:4K"}), HasSubstr("min:max:step"));
  EXPECT_THAT(refusal_of({"-f", "F", "-i", "4K:1M"}), HasSubstr("min:max:step"));
}

TEST(GdsioOptions, what_makes_no_sense_is_refused_with_its_flag) {
  EXPECT_THAT(refusal_of({"-f", "F", "-D", "D"}), HasSubstr("either a file"));
  EXPECT_THAT(refusal_of({"-w", "4"}), HasSubstr("either a file"));
  EXPECT_THAT(refusal_of({"-f", "F", "-w", "0"}), HasSubstr("-w: at least one"));
  EXPECT_THAT(refusal_of({"-f", "F", "-x", "8"}), HasSubstr("-x"));
  EXPECT_THAT(refusal_of({"-f", "F", "-q"}), HasSubstr("-q"));
  EXPECT_THAT(refusal_of({"-f"}), HasSubstr("wants a value"));
  EXPECT_THAT(refusal_of({"-D", "D", "-I", "1"}), HasSubstr("-s 1G"));
  EXPECT_THAT(refusal_of({"-f", "F", "-s", "9999999T"}), HasSubstr("-s"));
}

constexpr const char* k_config = R"(# a sample
[global]
name=gds-test
xfer_type=1
rw=randread
bs=64K
size=1G
runtime=30
do_verify=1
enable_nvlinks=0
warp_drive=1

[job1]
numa_node=0
gpu_dev_id=0
num_threads=4
directory = /mnt/a
[job2]
num_threads=2
filename=/mnt/b
)";

TEST(GdsioOptions, a_config_file_has_global_keys_and_jobs) {
  const GdsioOptions options = parse_gdsio_config(k_config, "x.gdsio");
  EXPECT_EQ(options.transfer, GdsioTransfer::cpu_only);
  EXPECT_EQ(options.type, GdsioType::random_read);
  EXPECT_EQ(options.io_size.least_bytes, 65536u);
  EXPECT_EQ(options.duration_s, 30u);
  EXPECT_TRUE(options.verify);
  ASSERT_EQ(options.jobs.size(), 2u);
  EXPECT_EQ(options.jobs[0].folder, "/mnt/a");
  EXPECT_EQ(options.jobs[0].threads, 4u);
  EXPECT_EQ(options.jobs[1].file, "/mnt/b");
  ASSERT_FALSE(options.warnings.empty());
  EXPECT_THAT(options.warnings.back(), HasSubstr("line 11: the key 'warp_drive' is not known"));
}

TEST(GdsioOptions, a_broken_config_file_is_refused_with_its_line) {
  const auto refused = [](const char* text) {
    try {
      (void)parse_gdsio_config(text, "x.gdsio");
    } catch (const Error& error) {
      return std::string(error.what());
    }
    return std::string();
  };
  EXPECT_THAT(refused("[global]\nxfer_type=nine\n"), HasSubstr("x.gdsio line 2"));
  EXPECT_THAT(refused("[global\n"), HasSubstr("x.gdsio line 1"));
  EXPECT_THAT(refused("hello\n"), HasSubstr("neither [section] nor key=value"));
  EXPECT_THAT(refused(""), HasSubstr("no job"));
}

TEST(GdsioOptions, help_lists_every_flag) {
  EXPECT_TRUE(parsed({"-h"}).help);
  for (const char* flag : {"-f", "-D", "-x", "-I", "-V", "-J"}) {
    EXPECT_THAT(gdsio_help(), HasSubstr(std::string("  ") + flag));
  }
}

}  // namespace
}  // namespace headrace::bench
