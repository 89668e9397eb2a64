// One table, its knees, and the lines for a job.
#include "headrace/bench/io_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "headrace/base/sizes.h"
#include "headrace/report/text.h"

namespace headrace::bench {
namespace {

// Settings that one heading covers.
bool same_table(const Setting& one, const Setting& other) {
  return one.direction == other.direction && one.pattern == other.pattern;
}

std::string table_lines(const IoReport& report) {
  std::string text;
  for (size_t index = 0; index < report.findings.size(); ++index) {
    const Finding& finding = report.findings[index];
    const Setting& setting = finding.setting;
    if (index == 0 || !same_table(report.findings[index - 1].setting, setting)) {
      text += fmt::format(
          "\n{} {}\n  {:>8} {:<8} {:<8} {:>7} {:>5} {:>12} {:>7} {:>10} {:>9} {:>9} {:>9} {:>9}\n",
          name_of(setting.pattern), name_of(setting.direction), "block", "cache", "engine",
          "threads", "depth", "rate", "spread", "ops/s", "p50", "p99", "p99.9", "CPU s/GB");
    }
    text += fmt::format(
        "  {:>8} {:<8} {:<8} {:>7} {:>5} {:>12} {:>6.1f}% {:>10} {:>9} {:>9} {:>9} {:>9.3f}\n",
        format_size(setting.block_bytes), setting.direct ? "direct" : "buffered", setting.engine,
        setting.threads, setting.depth, gb_rate_text(finding.row.value), finding.row.spread * 100,
        report::number_text(finding.operations_per_s), format_duration(finding.latency.p50_ns),
        format_duration(finding.latency.p99_ns), format_duration(finding.latency.p999_ns),
        finding.cpu_s_per_gb);
  }
  return text;
}

std::string knee_lines(const IoReport& report) {
  std::string text;
  for (const Knee& knee : report.knees) {
    text += "  " + knee_text(report, knee) + "\n";
  }
  if (text.empty()) return text;
  return fmt::format("\nthe knee: the depth after which the next brings less than {:.0f} %\n{}",
                     100 * k_worthwhile_rise, text);
}

std::string best_lines(const IoReport& report) {
  if (!report.best) return "";
  const Setting& setting = report.findings[*report.best].setting;
  return fmt::format("\nbest for {} {}s of {}: {}\nin headrace.toml:\n\n{}",
                     name_of(setting.pattern), name_of(setting.direction),
                     format_size(setting.block_bytes), best_text(report), job_lines(setting));
}

std::string notes(const IoReport& report) {
  std::vector<std::string> said;
  const auto say = [&](const std::string& note) {
    if (!note.empty() && std::ranges::find(said, note) == said.end()) said.push_back(note);
  };
  if (!report.why_not_direct.empty()) say("no direct I/O here: " + report.why_not_direct);
  for (const Finding& finding : report.findings) {
    say(finding.note.empty() ? "" : finding.setting.engine + ": " + finding.note);
    if (!finding.stayed_direct) say("the file refused direct I/O in mid-run; it is buffered since");
  }
  std::string text;
  for (const std::string& note : said) text += "note: " + report::plain(note) + "\n";
  return text;
}

// A device is its own place.
std::string place_text(const IoReport& report) {
  if (report.kind == "block device" || report.machine.file_system.empty()) return "";
  return fmt::format(", {} on {}", report.machine.file_system, report.machine.device);
}

}  // namespace

std::string gb_rate_text(double bytes_per_s) {
  return bytes_per_s >= 1e9 ? fmt::format("{:.2f} GB/s", bytes_per_s / 1e9)
                            : fmt::format("{:.1f} MB/s", bytes_per_s / 1e6);
}

std::string cold_text(const IoReport& report) {
  double still_cached = -1;
  bool any_direct = false, any_buffered_read = false;
  for (const Finding& finding : report.findings) {
    any_direct |= finding.setting.direct;
    if (finding.setting.direct || finding.setting.direction == Direction::write) continue;
    any_buffered_read = true;
    still_cached = std::max(still_cached, finding.still_cached);
  }
  std::string text = any_direct ? "direct runs use O_DIRECT" : "";
  if (!any_buffered_read) return text;
  if (!text.empty()) text += "; ";
  if (report.options.warm) return text + "buffered reads find what the page cache holds (--warm)";
  text += "before each buffered read run the file's pages are dropped";
  if (still_cached > 0) text += fmt::format(", up to {:.1f} % stayed", 100 * still_cached);
  return text;
}

std::string best_text(const IoReport& report) {
  const Finding& best = report.findings[*report.best];
  return fmt::format("{}, {}, depth {}: {}, p99 {}, {:.3f} CPU s/GB", best.setting.engine,
                     best.setting.direct ? "direct" : "buffered", best.setting.depth,
                     gb_rate_text(best.row.value), format_duration(best.latency.p99_ns),
                     best.cpu_s_per_gb);
}

std::string knee_text(const IoReport& report, const Knee& knee) {
  const Finding& finding = report.findings[knee.finding];
  return fmt::format("{}: {}{}", text_of(finding.setting), gb_rate_text(finding.row.value),
                     knee.reached ? "" : ", the greatest depth tried, and still rising");
}

std::string io_text(const IoReport& report) {
  std::string text = fmt::format("{}: {}, {}{}\n", report::plain(report.target), report.kind,
                                 format_size(report.size_bytes), place_text(report));
  if (report.findings.empty()) return text + "stopped before the first round was whole\n";
  text += fmt::format("median of {} of {:.2g} s each\n",
                      counted(report.findings.front().row.rounds, "interleaved round"),
                      report.options.round_s);
  text += "cold: " + cold_text(report) + "\n";
  if (report.verified_count > 0) {
    text += fmt::format("verified: {} blocks are what a plain read brings\n",
                        format_count(report.verified_count));
  }
  return text + notes(report) + table_lines(report) + knee_lines(report) + best_lines(report);
}

nlohmann::ordered_json io_document(const IoReport& report) {
  std::vector<Row> rows;
  for (const Finding& finding : report.findings) rows.push_back(finding.row);
  nlohmann::ordered_json document = table_document("io", report.target, rows);
  for (size_t index = 0; index < rows.size(); ++index) {
    const Finding& finding = report.findings[index];
    const Setting& setting = finding.setting;
    nlohmann::ordered_json& row = document["rows"][index];
    row["setting"] = {{"direction", name_of(setting.direction)},
                      {"pattern", name_of(setting.pattern)},
                      {"block_bytes", setting.block_bytes},
                      {"cache", setting.direct ? "direct" : "page"},
                      {"engine", setting.engine},
                      {"threads", setting.threads},
                      {"depth", setting.depth}};
    row["operations_per_s"] = finding.operations_per_s;
    row["latency_ns"] = {{"p50", finding.latency.p50_ns},
                         {"p99", finding.latency.p99_ns},
                         {"p999", finding.latency.p999_ns},
                         {"max", finding.latency.max_ns}};
    row["cpu_s_per_gb"] = finding.cpu_s_per_gb;
    row["note"] = finding.note;
  }
  document["target"] = {
      {"path", report.target}, {"kind", report.kind}, {"bytes", report.size_bytes}};
  document["cold"] = cold_text(report);
  document["verified_blocks"] = report.verified_count;
  document["knees"] = nlohmann::ordered_json::array();
  for (const Knee& knee : report.knees) {
    document["knees"].push_back({{"row", knee.finding}, {"reached", knee.reached}});
  }
  if (report.best) {
    document["best"] = {{"row", *report.best},
                        {"headrace_toml", job_lines(report.findings[*report.best].setting)}};
  }
  return document;
}

}  // namespace headrace::bench
