// Headlines, key figures and facts in words.
#include "headrace/report/summary.h"

#include <fmt/format.h>

#include <cmath>

#include "headrace/base/sizes.h"
#include "headrace/observe/advice.h"
#include "headrace/observe/supply.h"
#include "headrace/report/text.h"

namespace headrace::report {

using observe::percent_text;
using observe::ratio;
using observe::VerdictKind;

const char* color_of(observe::VerdictKind kind) {
  if (kind == observe::VerdictKind::fed) return "1;32";
  return kind == observe::VerdictKind::short_of ? "1;31" : "1;33";
}

std::string headline(const observe::Verdict& verdict) {
  switch (verdict.kind) {
    case VerdictKind::fed:
      return "fed";
    case VerdictKind::short_of:
      return "short of " + verdict.stage;
    case VerdictKind::unsure:
      return "unsure";
    case VerdictKind::too_brief:
      return "too brief";
  }
  return "unknown";
}

std::string one_line(const observe::Verdict& verdict) {
  std::string line = headline(verdict);
  if (verdict.kind == VerdictKind::too_brief) return line + " to judge yet";
  line += fmt::format(": waits {}", percent_text(verdict.wait_share));
  if (verdict.kind == VerdictKind::fed && !verdict.stage.empty() && verdict.supply_per_s > 0) {
    line +=
        fmt::format("; head-room {}; tightest: {}", percent_text(verdict.headroom), verdict.stage);
  } else if (verdict.supply_per_s > 0) {
    line += fmt::format("; supplies {}", observe::rate_text(verdict.supply_per_s));
  }
  if (verdict.kind != VerdictKind::fed && verdict.demand_per_s > 0) {
    line += fmt::format(" of {} wanted", number_text(verdict.demand_per_s));
  }
  return line;
}

std::vector<Fact> key_figures(const observe::RunRecord& record) {
  const auto& totals = record.totals;
  const auto& window = record.window;
  const bool has_window = window.window_s > 0;
  const double seconds = has_window ? window.window_s : totals.wall_s;
  const double samples = static_cast<double>(has_window ? window.samples : totals.samples);
  const double bytes = static_cast<double>(has_window ? window.reads.bytes : totals.read_bytes);
  const double wait_s = has_window ? window.wait_s : totals.wait_s;
  std::vector<Fact> figures = {{"samples a second", number_text(ratio(samples, seconds))},
                               {"of the time waiting", percent_text(ratio(wait_s, seconds))},
                               {"read", bytes_rate_text(ratio(bytes, seconds))},
                               {"to the first batch", seconds_text(totals.first_batch_s)}};
  if (record.verdict.kind == VerdictKind::fed && record.verdict.supply_per_s > 0) {
    figures.insert(figures.begin() + 2, {"head-room", percent_text(record.verdict.headroom)});
  }
  return figures;
}

std::vector<Fact> machine_facts(const observe::RunRecord& record) {
  const auto& machine = record.machine;
  const auto& reads = record.window.reads;
  std::vector<Fact> facts = {
      {"processor",
       fmt::format("{}, {:.3g} cores usable", plain(machine.cpu_model), machine.cores)},
      {"memory", format_size(machine.memory_bytes)},
      {"kernel", plain(machine.kernel)},
      {"file system", fmt::format("{} on {} at {}", plain(machine.file_system),
                                  plain(machine.device), plain(machine.mount))},
      {"reads", fmt::format("{}, depth {}, {}", plain(reads.engine), reads.depth,
                            reads.direct ? "direct (O_DIRECT)" : "through the page cache")}};
  if (!reads.note.empty()) facts.push_back({"reads, note", plain(reads.note)});
  return facts;
}

std::string alone_text(const observe::StageRecord& stage) {
  if (stage.name == "storage" || stage.name == "consumer") return "–";
  return number_text(stage.capacity_per_s);
}

std::string time_parts(const observe::TotalsRecord& totals) {
  return fmt::format("{} = opening {} + waiting {} + computing {} + giving batches back {}",
                     seconds_text(totals.wall_s), seconds_text(totals.open_s),
                     seconds_text(totals.wait_s), seconds_text(totals.compute_s),
                     seconds_text(totals.own_s));
}

std::string read_agreement(const observe::TotalsRecord& totals, bool direct) {
  if (totals.process_rchar == 0 && totals.process_read_bytes == 0) {
    return fmt::format("{} read by our count; the kernel's count (/proc/self/io) is not available.",
                       format_size(totals.read_bytes));
  }
  // What the kernel fetched can exceed our count: direct reads are whole blocks, buffered ones read
  // ahead.
  const double fetched = static_cast<double>(totals.process_read_bytes);
  const double share = ratio(fetched, static_cast<double>(totals.read_bytes));
  std::string text = fmt::format(
      "{} read by our count; the kernel fetched {} from storage for this process ({} of it)",
      format_size(totals.read_bytes), format_size(totals.process_read_bytes), percent_text(share));
  if (share < 0.95) {
    text += direct ? "; the rest did not come from a block device."
                   : "; the rest came from the page cache.";
  } else {
    text +=
        share > 1.05 ? "; the excess is block alignment, read-ahead and the program itself." : ".";
  }
  return text;
}

}  // namespace headrace::report
