// The page says the verdict first, lets no name become markup, and loads nothing; Chromium agrees
// where it is.
#include "headrace/report/html.h"

#include <gmock/gmock.h>

#include <cstdlib>
#include <fstream>

#include "headrace/base/temp_folder.h"
#include "headrace/report/sample_record.h"

namespace headrace::report {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

observe::RunRecord hostile_record() {
  auto record = sample_record(observe::short_of_decode_evidence());
  const std::string attack = "\"'></title></pre><script>document.title='owned'</script><img src=x>";
  record.command = record.job_toml = record.dataset.path = record.started = attack;
  record.machine.cpu_model = record.machine.mount = record.window.reads.note = attack;
  record.window.stages[1].name = attack;
  record.verdict.sentence = record.verdict.stage = attack;
  record.verdict.advice = record.verdict.evidence = {attack};
  record.skipped = 1;
  record.skipped_listed = {{.key = attack, .file = attack, .what = attack}};
  return record;
}

TEST(HtmlReport, says_the_verdict_before_anything_else) {
  const std::string html = html_report(sample_record(observe::short_of_decode_evidence()));
  EXPECT_THAT(html, HasSubstr("<section class=\"short\"><h1>short of decode</h1>"));
  EXPECT_LT(html.find("<h1>"), html.find("What to try"));
  EXPECT_LT(html.find("What to try"), html.find("The numbers behind it"));
  EXPECT_LT(html.find("The numbers behind it"), html.find("<h2>Stages"));
  EXPECT_THAT(html, HasSubstr("headrace feed photos --batch 256"));
}

TEST(HtmlReport, lets_no_text_become_markup) {
  const std::string html = html_report(hostile_record());
  EXPECT_THAT(html, Not(HasSubstr("<script")));
  EXPECT_THAT(html, Not(HasSubstr("<img")));
  EXPECT_THAT(html, HasSubstr("&lt;script&gt;"));
}

TEST(HtmlReport, has_a_row_for_each_data_set_of_a_blend) {
  observe::RunRecord record;
  EXPECT_EQ(html_report(record).find("<h2>Blend"), std::string::npos);
  record.dataset.blend = {{.name = "<web>", .share = 0.75, .samples = 2000, .fed = 3000}};
  EXPECT_THAT(html_report(record), testing::HasSubstr("<td>&lt;web&gt;</td><td>3,000</td>"));
}

TEST(HtmlReport, has_a_row_for_each_disk_of_several) {
  observe::Evidence window = observe::short_of_storage_evidence();
  window.reads.disks = {{.name = "/dev/sda (/a)", .reads = 9, .bytes = 1, .latency_mean_s = 0.001},
                        {.name = "<b>/dev/sdb",
                         .reads = 9,
                         .bytes = 1,
                         .latency_mean_s = 0.4,
                         .in_flight_mean = 16.5,
                         .busy_s = 98}};
  const std::string html = html_report(sample_record(window));
  EXPECT_THAT(html, HasSubstr("<td>/dev/sda (/a)</td>"));
  EXPECT_THAT(html, HasSubstr("<td>400 ms</td>"));
  EXPECT_THAT(html, HasSubstr("<td>16.5</td><td>98 %</td>"));
  EXPECT_THAT(html, HasSubstr("The slow disk is &lt;b&gt;/dev/sdb"));
  EXPECT_THAT(html, Not(HasSubstr("<b>/dev/sdb")));
  window.reads.disks.pop_back();
  EXPECT_THAT(html_report(sample_record(window)), Not(HasSubstr("<h2>Disks</h2>")));
}

TEST(HtmlReport, loads_nothing_from_anywhere) {
  for (const auto& record : {sample_record(observe::healthy_evidence()), hostile_record()}) {
    const std::string html = html_report(record);
    for (const char* loader : {"http://", "https://", "src=\"", "url(", "@import", "//cdn"}) {
      EXPECT_THAT(html, Not(HasSubstr(loader)));
    }
    EXPECT_THAT(html, HasSubstr("default-src 'none'"));
  }
}

TEST(HtmlReport, draws_an_empty_record_without_nan) {
  const std::string html = html_report(observe::RunRecord{});
  EXPECT_THAT(html, HasSubstr("<h1>too brief</h1>"));
  EXPECT_THAT(html, Not(HasSubstr("nan")));
}

TEST(HtmlReport, shows_its_verdict_in_chromium_without_an_error_on_the_console) {
  const char* chromium = std::getenv("HEADRACE_CHROMIUM");
  if (!chromium) GTEST_SKIP() << "set HEADRACE_CHROMIUM to a Chromium binary to run this";
  const TempFolder folder;
  std::ofstream(folder / "report.html") << html_report(hostile_record());
  const std::string command = fmt::format(
      "'{}' --headless --no-sandbox --disable-gpu --enable-logging=stderr --v=0 "
      "--user-data-dir='{}' --dump-dom 'file://{}' >'{}' 2>'{}'",
      chromium, folder / "profile", folder / "report.html", folder / "dom", folder / "log");
  ASSERT_EQ(std::system(command.c_str()), 0);
  const auto text_of = [&](const char* name) {
    std::ifstream file(folder / name);
    return std::string(std::istreambuf_iterator<char>(file), {});
  };
  EXPECT_THAT(text_of("dom"), HasSubstr("<section class=\"short\"><h1>short of "));
  EXPECT_THAT(text_of("dom"), Not(HasSubstr("<title>owned")));
  EXPECT_THAT(text_of("log"), Not(HasSubstr("CONSOLE")));
}

}  // namespace
}  // namespace headrace::report
