// The text names knee, best setting and how cold reads were; the JSON keeps its keys.
#include "headrace/bench/io_text.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "headrace/bench/sample_sweep.h"

namespace headrace::bench {
namespace {

using ::testing::HasSubstr;

TEST(IoText, names_the_knee_and_the_lines_for_the_job) {
  const std::string text = io_text(sample_sweep());
  EXPECT_THAT(text, HasSubstr("random read, 128 KiB, direct, uring, 1 thread, depth 4: 2.00 GB/s"));
  EXPECT_THAT(text, HasSubstr("best for random reads of 128 KiB: uring, direct, depth 4: "
                              "2.00 GB/s, p99 1.50 ms, 0.100 CPU s/GB"));
  EXPECT_THAT(text, HasSubstr("[loader]\nengine = \"uring\"\ndepth = 4\n"));
}

TEST(IoText, says_how_cold_buffered_reads_were) {
  IoReport report = sample_sweep();
  EXPECT_EQ(cold_text(report), "direct runs use O_DIRECT");
  report.findings[3].setting.direct = false;
  report.findings[3].still_cached = 0.25;
  EXPECT_THAT(cold_text(report), HasSubstr("pages are dropped, up to 25.0 % stayed"));
  report.options.warm = true;
  EXPECT_THAT(cold_text(report), HasSubstr("--warm"));
}

TEST(IoText, says_each_reason_for_a_worse_engine_once) {
  IoReport report = sample_sweep();
  report.findings[0].note = report.findings[1].note = "the kernel lacks something";
  const std::string text = io_text(report);
  const size_t at = text.find("note: uring: the kernel lacks something\n");
  ASSERT_NE(at, std::string::npos);
  EXPECT_EQ(text.find("the kernel lacks", at + 20), std::string::npos);
}

TEST(IoText, the_json_keeps_its_keys) {
  const nlohmann::ordered_json row = io_document(sample_sweep())["rows"][1];
  EXPECT_EQ(
      row.dump(),
      "{\"name\":\"random read, 128 KiB, direct, uring, 1 thread, depth 4\",\"value\":2000000000.0,"
      "\"unit\":\"B/s\",\"spread\":0.05,\"rounds\":3,\"cpu_us_an_item\":0.0001,"
      "\"ratio\":{\"of\":\"uring\",\"value\":1.0},\"setting\":{\"direction\":\"read\","
      "\"pattern\":\"random\",\"block_bytes\":131072,\"cache\":\"direct\",\"engine\":"
      "\"uring\",\"threads\":1,\"depth\":4},\"operations_per_s\":15258.7890625,"
      "\"latency_ns\":{\"p50\":200000,\"p99\":1500000,\"p999\":3000000,\"max\":0},"
      "\"cpu_s_per_gb\":0.1,\"note\":\"\"}");
  const nlohmann::ordered_json document = io_document(sample_sweep());
  EXPECT_EQ(document["best"]["row"], 1);
  EXPECT_EQ(document["knees"][0]["row"], 1);
  EXPECT_EQ(document["target"]["bytes"], uint64_t{1} << 30);
}

}  // namespace
}  // namespace headrace::bench
