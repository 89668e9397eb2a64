// The screen's golden text, its bounds, and what it writes to a terminal and elsewhere.
#include "headrace/report/live.h"

#include <gmock/gmock.h>

#include "headrace/observe/verdict_cases.h"
#include "headrace/report/text.h"

namespace headrace::report {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

LiveSample sample() {
  return {.elapsed_s = 12,
          .step = 300,
          .steps = 1200,
          .samples_per_s = 2560,
          .wait_share = 0.4,
          .read_bytes_per_s = 238e6,
          .in_flight = 6.1,
          .depth = 64,
          .read_p50_ns = 2'300'000,
          .read_p99_ns = 11'000'000,
          .stages = {{.name = "storage",
                      .threads = 1,
                      .rate_per_s = 2560,
                      .busy_share = 0.6,
                      .queue_fill = 0.93},
                     {.name = "decode", .threads = 4, .rate_per_s = 2560, .busy_share = 0.75}},
          .events = {"oldest", "b", "skipped x\x1b[2J", "d"},
          .verdict = judge(observe::short_of_decode_evidence())};
}

TEST(Live, draws_the_verdict_first_then_stages_reads_and_the_last_three_events) {
  EXPECT_THAT(
      render_live(sample(), {}),
      ElementsAre("short of decode: waits 40 %; supplies 2,592 samples/s of 4,267 wanted",
                  "12.0 s  step 300/1,200  [██████░░░░░░░░░░░░░░░░░░]  36.0 s left",
                  "2,560 samples/s   waits 40 %", "",
                  "storage       2,560/s    1 thr  busy ████▊░░░   60 %  queue ███████▌   93 %",
                  "decode        2,560/s    4 thr  busy ██████░░   75 %",
                  "reads       227 MiB/s  in flight 6.1 of 64  p50 2.30 ms  p99 11.0 ms", "", "! b",
                  "! skipped x\xef\xbf\xbd[2J", "! d"));
}

TEST(Live, stays_within_the_terminal_however_small) {
  for (const size_t width : {1u, 20u, 80u}) {
    const auto lines = render_live(sample(), {.color = true, .width = width, .height = 6});
    EXPECT_LE(lines.size(), 5u);
    for (const auto& line : lines) EXPECT_LE(columns_of(line), width) << line;
  }
}

TEST(Live, is_one_line_where_there_is_no_terminal) {
  EXPECT_EQ(live_line(sample()),
            "12.0 s  step 300/1,200  2,560 samples/s  waits 40 %  227 MiB/s  short of decode: "
            "waits 40 %; supplies 2,592 samples/s of 4,267 wanted");
  EXPECT_THAT(live_line(LiveSample{}), HasSubstr("too brief to judge yet"));
}

std::string written_by(bool tty, int times, bool clear) {
  char* data = nullptr;
  size_t size = 0;
  std::FILE* file = ::open_memstream(&data, &size);
  LiveScreen screen(file, tty);
  for (int i = 0; i < times; ++i) screen.show(sample());
  if (clear) screen.clear();
  std::fclose(file);
  std::string text(data, size);
  std::free(data);
  return text;
}

TEST(Live, redraws_in_place_and_takes_itself_away) {
  const std::string text = written_by(true, 2, true);
  EXPECT_THAT(text, StartsWith("\rshort of decode"));
  EXPECT_THAT(text, HasSubstr("\x1b[11A\rshort of decode"));
  EXPECT_THAT(text, ::testing::EndsWith("\x1b[11A\r\x1b[J"));
  EXPECT_THAT(text, Not(HasSubstr("\x1b[?")));  // neither the cursor hidden nor another screen
}

TEST(Live, writes_no_escape_sequence_where_there_is_no_terminal) {
  const std::string text = written_by(false, 2, true);
  EXPECT_THAT(text, Not(HasSubstr("\x1b")));
  EXPECT_EQ(std::ranges::count(text, '\n'), 2);
}

TEST(Live, takes_80_by_24_for_what_is_no_terminal) {
  std::FILE* null = std::fopen("/dev/null", "w");
  EXPECT_EQ(terminal_size(null).width, 80u);
  EXPECT_EQ(terminal_size(null).height, 24u);
  std::fclose(null);
}

}  // namespace
}  // namespace headrace::report
