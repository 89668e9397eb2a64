// A trace is JSON that a viewer opens: every row named, every span in it or counted as left out,
// and the file whole or not there.
#include "headrace/observe/trace.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>

#include "headrace/base/error.h"
#include "headrace/base/temp_folder.h"

namespace headrace::observe {
namespace {

using Json = nlohmann::json;

class TraceTest : public testing::Test {
 protected:
  TraceOptions options() { return {.path = folder_ / "trace.json", .version = "1\"2"}; }
  Json written() const {
    const auto bytes = read_file(real_files(), folder_ / "trace.json", 64 << 20);
    return Json::parse(bytes.begin(), bytes.end());
  }
  static std::map<std::string, int> counts(const Json& trace) {
    std::map<std::string, int> found;
    for (const Json& event : trace["traceEvents"]) {
      ++found[event["ph"].get<std::string>() + " " + event["name"].get<std::string>()];
    }
    return found;
  }
  TempFolder folder_;
};

TEST_F(TraceTest, has_a_row_a_track_and_its_spans_with_what_they_count) {
  const uint64_t now_ns = steady_now_ns();
  {
    Trace trace(options());
    const Tracer worker = trace.of_thread("worker 0");
    const Tracer slot =
        trace.tracer("worker 0", {.group = "batches", .name = "slot 3", .counted = "batch"});
    worker.note("decode", now_ns + 1'000'000, now_ns + 3'500'000, 4);
    slot.note("ready", now_ns + 2'000'000, now_ns + 2'000'000, 9);
    trace.end();
  }
  const Json trace = written();
  EXPECT_EQ(trace["otherData"]["headrace"], "1\"2");
  EXPECT_EQ(trace["otherData"]["left_out"], 0);
  std::map<std::string, Json> named, spans;
  for (const Json& event : trace["traceEvents"]) {
    if (event["name"] == "thread_name") named[event["args"]["name"].get<std::string>()] = event;
    if (event["ph"] == "X") spans[event["name"].get<std::string>()] = event;
  }
  ASSERT_EQ(spans.size(), 2u);
  EXPECT_EQ(spans["decode"]["tid"], named["worker 0"]["tid"]);
  EXPECT_EQ(spans["ready"]["tid"], named["slot 3"]["tid"]);
  EXPECT_NE(spans["ready"]["pid"], spans["decode"]["pid"]) << "groups are told apart";
  EXPECT_NEAR(spans["decode"]["dur"].get<double>(), 2500, 0.01);
  EXPECT_EQ(spans["decode"]["args"]["count"], 4);
  EXPECT_EQ(spans["ready"]["args"]["batch"], 9);
}

TEST_F(TraceTest, draws_what_overlaps_as_pairs_of_their_own) {
  {
    Trace trace(options());
    const Tracer reads = trace.tracer(
        "r", {.group = "storage", .name = "reads", .counted = "bytes", .overlaps = true});
    for (uint64_t i = 0; i < 3; ++i) reads.note("read", steady_now_ns(), steady_now_ns() + 1000, i);
  }
  std::map<int, std::string> pairs;
  const Json trace = written();
  for (const Json& event : trace["traceEvents"]) {
    if (event.contains("id")) pairs[event["id"].get<int>()] += event["ph"].get<std::string>();
  }
  EXPECT_EQ(pairs, (std::map<int, std::string>{{1, "be"}, {2, "be"}, {3, "be"}}));
}

TEST_F(TraceTest, gives_the_same_owner_and_track_the_same_lane_and_row) {
  Trace trace(options());
  for (int start = 0; start < 3; ++start) trace.of_thread("worker 0").note("x", 0, 1);
  trace.end();
  EXPECT_EQ(counts(written())["M thread_name"], 1);
  EXPECT_EQ(counts(written())["X x"], 3);
}

TEST_F(TraceTest, writes_what_many_threads_note_meanwhile_and_counts_what_finds_no_room) {
  constexpr uint64_t k_each = 50'000;
  uint64_t left_out = 0;
  {
    Trace trace(options());
    {
      std::vector<std::jthread> threads;
      for (int number = 0; number < 3; ++number) {
        threads.emplace_back([tracer = trace.of_thread("t" + std::to_string(number))] {
          for (uint64_t i = 0; i < k_each; ++i) tracer.note("x", i, i + 1, i);
        });
      }
    }
    trace.end();
    left_out = trace.left_out_count();
  }
  const Json trace = written();
  EXPECT_EQ(trace["otherData"]["left_out"], left_out);
  EXPECT_EQ(static_cast<uint64_t>(counts(trace)["X x"]) + left_out, 3 * k_each);
}

TEST_F(TraceTest, stays_within_its_size_and_says_what_is_left_out) {
  TraceOptions small = options();
  small.file_bytes_max = 4096;
  Trace trace(small);
  const Tracer tracer = trace.of_thread("t");
  for (uint64_t i = 0; i < 1000; ++i) tracer.note("x", i, i + 1);
  trace.end();
  EXPECT_GT(trace.left_out_count(), 900u);
  EXPECT_LT(std::filesystem::file_size(small.path), 6000u);
  EXPECT_EQ(written()["otherData"]["left_out"], trace.left_out_count());
}

TEST_F(TraceTest, is_not_there_before_its_end_and_a_folder_that_is_not_there_is_named) {
  Trace trace(options());
  EXPECT_FALSE(std::filesystem::exists(options().path));
  trace.end();
  trace.end();  // the second time does nothing
  EXPECT_TRUE(std::filesystem::exists(options().path));
  TraceOptions nowhere = options();
  nowhere.path = folder_ / "gone/trace.json";
  EXPECT_THROW(Trace{nowhere}, Error);
  nowhere.path = "/dev/null";
  EXPECT_THROW(Trace{nowhere}, Error);
}

TEST(Tracer, without_a_trace_notes_nothing) {
  const Tracer none;
  none.note("x", 0, 1);
  EXPECT_FALSE(none);
}

}  // namespace
}  // namespace headrace::observe
