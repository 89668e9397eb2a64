// Progress on a fake clock: quiet at first, then a bar or lines, and exact when many threads
// advance.
#include "headrace/report/progress.h"

#include <gmock/gmock.h>

#include <thread>

#include "headrace/report/text.h"

namespace headrace::report {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;

constexpr uint64_t k_second_ns = 1'000'000'000;

class Written {
 public:
  Written() : file_(::open_memstream(&data_, &size_)) {}
  Written(Written&&) = delete;
  ~Written() {
    std::fclose(file_);
    std::free(data_);
  }
  std::FILE* file() const { return file_; }
  std::string text() const {
    std::fflush(file_);
    return {data_, size_};
  }

 private:
  char* data_ = nullptr;
  size_t size_ = 0;
  std::FILE* file_;
};

TEST(Progress, writes_nothing_for_what_takes_under_two_seconds) {
  const Written written;
  FakeClock clock;
  Progress progress({.title = "packing", .total = 10, .out = written.file(), .tty = true}, clock);
  clock.advance_ns(2 * k_second_ns - 1);
  progress.advance(10);
  progress.finish();
  EXPECT_EQ(written.text(), "");
}

TEST(Progress, redraws_one_line_on_a_terminal_and_clears_it_at_the_end) {
  const Written written;
  FakeClock clock;
  Progress progress(
      {.title = "packing", .total = 100, .unit = "photos", .out = written.file(), .tty = true},
      clock);
  clock.advance_ns(2 * k_second_ns);
  progress.advance(50);
  EXPECT_EQ(written.text(),
            "\rpacking [██████████░░░░░░░░░░]  50 %  50 of 100 photos  25/s  2.00 s left\x1b[K");
  progress.advance(1);  // too soon for another drawing
  progress.finish();
  EXPECT_THAT(written.text(), EndsWith("2.00 s left\x1b[K\r\x1b[K"));
}

TEST(Progress, of_time_has_no_rate) {
  EXPECT_EQ(progress_line({.title = "probing", .total = 5000, .time = true}, 1000, 1.0),
            "probing [████░░░░░░░░░░░░░░░░]  20 %  1.00 s of 5.00 s  4.00 s left");
}

TEST(Progress, writes_a_line_each_ten_percent_elsewhere_and_one_for_the_whole) {
  const Written written;
  FakeClock clock;
  Progress progress({.title = "verifying", .total = 1000, .out = written.file()}, clock);
  for (int i = 0; i < 1000; ++i) {
    clock.advance_ns(k_second_ns / 20);
    progress.advance(1);
  }
  progress.finish();
  const std::string text = written.text();
  EXPECT_EQ(std::ranges::count(text, '\n'), 11) << text;
  EXPECT_THAT(text, EndsWith("100 %  1,000 of 1,000  20/s\n"));
}

TEST(Progress, tells_count_and_rate_when_the_total_is_not_known) {
  EXPECT_EQ(progress_line({.title = "scanning", .unit = "files"}, 500, 2),
            "scanning  500 files  250/s");
  EXPECT_THAT(progress_line({.title = "x", .total = 1 << 20, .bytes = true}, 1 << 19, 1),
              HasSubstr("512 KiB of 1.00 MiB"));
  EXPECT_EQ(columns_of(progress_line({.total = 10}, 20, 0)),
            columns_of(progress_line({.total = 10}, 10, 0)));
}

TEST(Progress, counts_right_when_many_threads_advance) {
  const Written written;
  FakeClock clock;
  Progress progress({.title = "p", .total = 4000, .out = written.file(), .tty = true}, clock);
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 4; ++i) {
      threads.emplace_back([&] {
        for (int k = 0; k < 1000; ++k) {
          clock.advance_ns(k_second_ns / 100);
          progress.advance(1);
        }
      });
    }
  }
  clock.advance_ns(10 * k_second_ns);
  progress.advance(0);
  EXPECT_THAT(written.text(), HasSubstr("4,000 of 4,000"));
}

}  // namespace
}  // namespace headrace::report
