// The page has a cell for each setting, frames the knees, and lets no name become markup.
#include "headrace/bench/io_page.h"

#include <gmock/gmock.h>

#include "headrace/bench/sample_sweep.h"

namespace headrace::bench {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

size_t count_of(const std::string& text, const std::string& part) {
  size_t count = 0;
  for (size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++count;
  return count;
}

TEST(IoPage, has_a_cell_for_each_setting_and_frames_the_knee) {
  const IoReport report = sample_sweep();
  const std::string html = io_page(report);
  EXPECT_EQ(count_of(html, "--heat:"), report.findings.size());
  EXPECT_EQ(count_of(html, "class=\"knee\""), 1u);
  EXPECT_THAT(html, HasSubstr("<h3>uring, direct</h3>"));
  EXPECT_THAT(html, HasSubstr("style=\"--heat:100%\""));
  EXPECT_THAT(html, HasSubstr("depth = 4"));
}

TEST(IoPage, lets_no_text_become_markup) {
  IoReport report = sample_sweep();
  report.target = report.command = report.machine.cpu_model = "\"><script>alert(1)</script>";
  EXPECT_THAT(io_page(report), Not(HasSubstr("<script")));
}

TEST(IoPage, says_so_when_nothing_was_measured) {
  EXPECT_THAT(io_page({.target = "x"}), HasSubstr("Too brief"));
}

}  // namespace
}  // namespace headrace::bench
