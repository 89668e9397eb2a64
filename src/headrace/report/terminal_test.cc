// The text report: its golden head, its width, and hostile names.
#include "headrace/report/terminal.h"

#include <gmock/gmock.h>

#include "headrace/report/sample_record.h"
#include "headrace/report/text.h"

namespace headrace::report {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

TEST(TerminalReport, begins_with_the_verdict_then_evidence_then_what_to_try) {
  const std::string text = terminal_report(sample_record(observe::short_of_decode_evidence()));
  EXPECT_THAT(text, StartsWith("\nSHORT OF DECODE\nShort of decode: it supplies 2,592 samples/s; "
                               "the consumer would take 4,267\nsamples/s and waits 40 % of the "
                               "time.\n\nEvidence\n  - consumer: waited 40.0 s"));
  EXPECT_LT(text.find("Evidence"), text.find("What to try"));
  EXPECT_LT(text.find("What to try"), text.find("Stages (after warm-up)"));
  EXPECT_THAT(text, HasSubstr("  1. Set workers = 7 (now 4)"));
  EXPECT_THAT(
      text,
      HasSubstr(
          "  decode          4  ███████▌░░   75 %     1.17 ms        3,413    93 %   3.0 %\n"));
}

TEST(TerminalReport, keeps_its_tables_and_sentences_within_the_width) {
  for (const auto& evidence : {observe::healthy_evidence(), observe::short_of_storage_evidence()}) {
    std::istringstream lines(terminal_report(sample_record(evidence)));
    for (std::string line; std::getline(lines, line);) EXPECT_LE(columns_of(line), 80u) << line;
  }
}

TEST(TerminalReport, counts_what_came_from_each_data_set_of_a_blend) {
  observe::RunRecord record;
  record.dataset.blend = {{.name = "web", .share = 0.75, .samples = 2000, .fed = 3000},
                          {.name = "\x1b[Hbooks", .share = 0.25, .samples = 5000, .fed = 1000}};
  const std::string text = terminal_report(record, {});
  EXPECT_THAT(text,
              HasSubstr("web: 3,000 samples, 75 % where 75 % is wanted; 1.50 passes of 2,000"));
  EXPECT_THAT(text, HasSubstr("books: 1,000 samples"));
  EXPECT_EQ(text.find('\x1b'), std::string::npos);
}

TEST(TerminalReport, is_colored_only_when_asked) {
  const auto record = sample_record(observe::healthy_evidence());
  EXPECT_THAT(terminal_report(record), Not(HasSubstr("\x1b")));
  EXPECT_THAT(terminal_report(record, {.color = true}), HasSubstr("\x1b[1;32mFED\x1b[0m"));
}

TEST(TerminalReport, passes_no_escape_sequence_of_a_file_name_on) {
  auto record = sample_record(observe::healthy_evidence());
  record.skipped = 1;
  record.skipped_listed = {{.key = "\x1b]0;pwned\x07",
                            .file = "\x9b"
                                    "2J",
                            .what = "a\nb"}};
  record.command = "headrace feed '\x1b[2J'";
  record.dataset.path = "\x1b[H";
  const std::string text = terminal_report(record);
  EXPECT_THAT(text, Not(HasSubstr("\x1b")));
  EXPECT_THAT(text, HasSubstr("Skipped samples: 1"));
}

TEST(TerminalReport, survives_a_record_without_anything_in_it) {
  const std::string text = terminal_report(observe::RunRecord{}, {.width = 0});
  EXPECT_THAT(text, HasSubstr("TOO BRIEF"));
  EXPECT_THAT(text, Not(HasSubstr("nan")));
}

}  // namespace
}  // namespace headrace::report
