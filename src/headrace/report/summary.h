// What the terminal and the page both say: headline, key figures, agreement of the byte counts.
// Thread safety: pure functions on values.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "headrace/observe/record.h"

namespace headrace::report {

// "fed", "short of decode", "unsure", "too brief".
std::string headline(const observe::Verdict& verdict);
// What a terminal shows it in: green for fed, red for short, else yellow.
const char* color_of(observe::VerdictKind kind);
// One line for a live screen: "fed: waits 0.4 %; head-room 80 %; tightest: decode".
std::string one_line(const observe::Verdict& verdict);

struct Fact {
  std::string name = {};
  std::string value = {};
};
std::vector<Fact> key_figures(const observe::RunRecord& record);
std::vector<Fact> machine_facts(const observe::RunRecord& record);
// What the stage could carry if it had its threads to itself; "-" for storage and the consumer,
// which share none.
std::string alone_text(const observe::StageRecord& stage);
// The wall time as a sum of its parts.
std::string time_parts(const observe::TotalsRecord& totals);
// Our count of bytes read beside the kernel's, and what the difference means.
std::string read_agreement(const observe::TotalsRecord& totals, bool direct);

}  // namespace headrace::report
