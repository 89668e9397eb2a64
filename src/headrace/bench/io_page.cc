// Heat maps are tables: a cell's ground is as strong as its share of the fastest in that block
// size, whatever the engine, so that maps side by side compare engines.
#include "headrace/bench/io_page.h"

#include <fmt/format.h>

#include <algorithm>

#include "headrace/base/sizes.h"
#include "headrace/bench/io_text.h"
#include "headrace/report/page.h"
#include "headrace/report/text.h"

namespace headrace::bench {
namespace {

using report::html_escaped;

// Settings that share a heat map differ in block size and depth alone.
struct Map {
  Setting key = {};
  std::vector<size_t> findings = {};
};

bool same_chapter(const Setting& one, const Setting& other) {
  return one.direction == other.direction && one.pattern == other.pattern;
}

std::vector<Map> maps_of(const IoReport& report) {
  std::vector<Map> maps;
  for (size_t index = 0; index < report.findings.size(); ++index) {
    Setting key = report.findings[index].setting;
    key.block_bytes = 0;
    key.depth = 0;
    auto found = std::ranges::find(maps, key, &Map::key);
    if (found == maps.end()) found = maps.insert(maps.end(), {.key = key});
    found->findings.push_back(index);
  }
  return maps;
}

double fastest_alike(const IoReport& report, const Setting& setting) {
  double fastest = 0;
  for (const Finding& finding : report.findings) {
    if (finding.setting.block_bytes == setting.block_bytes &&
        same_chapter(finding.setting, setting)) {
      fastest = std::max(fastest, finding.row.value);
    }
  }
  return fastest;
}

std::string cell(const IoReport& report, size_t index) {
  const Finding& finding = report.findings[index];
  const bool is_knee = std::ranges::any_of(
      report.knees, [&](const Knee& knee) { return knee.finding == index && knee.reached; });
  const double fastest = fastest_alike(report, finding.setting);
  const double share = fastest > 0 ? finding.row.value / fastest : 0;
  return fmt::format(
      "<td class=\"{}\" style=\"--heat:{:.0f}%\" title=\"{}: {}, spread {:.1f} %, p50 {}, p99 {}, "
      "p99.9 {}, {:.3f} CPU s/GB\"><b>{}</b><small>{}</small></td>",
      is_knee ? "knee" : "", 100 * std::clamp(share, 0.0, 1.0),
      html_escaped(text_of(finding.setting)), gb_rate_text(finding.row.value),
      100 * finding.row.spread, format_duration(finding.latency.p50_ns),
      format_duration(finding.latency.p99_ns), format_duration(finding.latency.p999_ns),
      finding.cpu_s_per_gb, gb_rate_text(finding.row.value),
      format_duration(finding.latency.p99_ns));
}

// Every map has a column for each depth of the sweep, so that columns stand below each other.
std::vector<uint32_t> depths_of(const IoReport& report) {
  std::vector<uint32_t> depths;
  for (const Finding& finding : report.findings) depths.push_back(finding.setting.depth);
  std::ranges::sort(depths);
  const auto rest = std::ranges::unique(depths);
  depths.erase(rest.begin(), rest.end());
  return depths;
}
std::vector<uint64_t> blocks_of(const IoReport& report, const Map& map) {
  std::vector<uint64_t> blocks;
  for (const size_t index : map.findings) {
    const uint64_t block_bytes = report.findings[index].setting.block_bytes;
    if (blocks.empty() || blocks.back() != block_bytes) blocks.push_back(block_bytes);
  }
  return blocks;
}

std::string heat_map(const IoReport& report, const Map& map) {
  const auto depths = depths_of(report);
  std::string html = fmt::format(
      "<h3>{}, {}{}</h3>\n<div class=\"scroll\"><table class=\"heat\"><tr><th>depth</th>",
      html_escaped(map.key.engine), map.key.direct ? "direct" : "buffered",
      map.key.threads > 1 ? fmt::format(", {} threads", map.key.threads) : "");
  for (const uint32_t depth : depths) html += fmt::format("<th>{}</th>", depth);
  for (const uint64_t block_bytes : blocks_of(report, map)) {
    html += fmt::format("</tr>\n<tr><th scope=\"row\">{}</th>", format_size(block_bytes));
    for (const uint32_t depth : depths) {
      const auto found = std::ranges::find_if(map.findings, [&](size_t index) {
        const Setting& setting = report.findings[index].setting;
        return setting.block_bytes == block_bytes && setting.depth == depth;
      });
      html += found == map.findings.end() ? "<td></td>" : cell(report, *found);
    }
  }
  return html + "</tr></table></div>\n";
}

std::string maps_section(const IoReport& report) {
  std::string html;
  const std::vector<Map> maps = maps_of(report);
  for (size_t index = 0; index < maps.size(); ++index) {
    const Setting& key = maps[index].key;
    if (index == 0 || !same_chapter(maps[index - 1].key, key)) {
      html += fmt::format(
          "<h2>{} {}s</h2>\n<p class=\"note\">Each cell: rate and p99 latency. The stronger the "
          "ground, the nearer to the fastest in that block size; framed: the knee, where "
          "the next depth brings less than {:.0f} %.</p>\n",
          key.pattern == Pattern::random ? "Random" : "Sequential", name_of(key.direction),
          100 * k_worthwhile_rise);
    }
    html += heat_map(report, maps[index]);
  }
  return html;
}

std::string best_section(const IoReport& report) {
  if (!report.best) return "<section><h1>No loader setting</h1></section>\n";
  const Finding& best = report.findings[*report.best];
  return fmt::format(
      "<section class=\"fed\"><h1>{}</h1><p class=\"sentence\">{} {}s of {} by one thread, as a "
      "loader makes them: {}.</p></section>\n<h2>In headrace.toml</h2><pre>{}</pre>\n",
      gb_rate_text(best.row.value),
      best.setting.pattern == Pattern::random ? "Random" : "Sequential",
      name_of(best.setting.direction), format_size(best.setting.block_bytes),
      html_escaped(best_text(report)), html_escaped(job_lines(best.setting), true));
}

std::string run_section(const IoReport& report) {
  const observe::MachineRecord& machine = report.machine;
  const std::vector<report::Fact> facts = {
      {"target",
       fmt::format("{} ({}, {})", report.target, report.kind, format_size(report.size_bytes))},
      {"file system", fmt::format("{} on {}", machine.file_system, machine.device)},
      {"machine", fmt::format("{}, {:.3g} cores, {}, {}", machine.cpu_model, machine.cores,
                              format_size(machine.memory_bytes), machine.kernel)},
      {"rounds", fmt::format("{} interleaved, {:.2g} s each; figures are medians",
                             report.findings.front().row.rounds, report.options.round_s)},
      {"cold", cold_text(report)}};
  return "<h2>The run</h2>" + report::fact_rows(facts) + "<h2>The same again</h2><pre>" +
         html_escaped(report.command, true) + "</pre>\n";
}

}  // namespace

std::string io_page(const IoReport& report) {
  const std::string body =
      report.findings.empty()
          ? "<section><h1>Too brief</h1><p class=\"sentence\">Stopped before the first round was "
            "whole.</p></section>\n"
          : best_section(report) + maps_section(report) + run_section(report);
  return report::html_page({.title = "bench io: " + report.target,
                            .subject = report.target,
                            .when = report.started,
                            .body = body,
                            .version = HEADRACE_VERSION});
}

}  // namespace headrace::bench
