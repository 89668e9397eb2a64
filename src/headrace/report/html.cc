// The page's sections, in the order in which they are read.
#include "headrace/report/html.h"

#include <fmt/format.h>

#include <algorithm>

#include "headrace/base/sizes.h"
#include "headrace/observe/advice.h"
#include "headrace/observe/supply.h"
#include "headrace/report/chart.h"
#include "headrace/report/page.h"
#include "headrace/report/summary.h"
#include "headrace/report/text.h"

namespace headrace::report {

namespace {

using observe::percent_text;
using observe::ratio;
using observe::RunRecord;
using observe::Supply;

std::string list_of(const char* tag, const char* style, const std::vector<std::string>& lines) {
  std::string html = fmt::format("<{} class=\"{}\">", tag, style);
  for (const auto& line : lines) html += "<li>" + html_escaped(line) + "</li>";
  return html + fmt::format("</{}>\n", tag);
}

std::string verdict_section(const RunRecord& record) {
  const auto& verdict = record.verdict;
  std::string html = fmt::format(
      "<section class=\"{}\"><h1>{}</h1><p class=\"sentence\">{}</p></section>\n",
      name_of(verdict.kind), html_escaped(headline(verdict)), html_escaped(verdict.sentence));
  html += "<div class=\"figures\">";
  for (const Fact& fact : key_figures(record)) {
    html += fmt::format("<div><b>{}</b><span>{}</span></div>", html_escaped(fact.value),
                        html_escaped(fact.name));
  }
  html += "</div>\n";
  if (!verdict.advice.empty()) {
    html += "<h2>What to try</h2>" + list_of("ol", "advice", verdict.advice);
  }
  if (!verdict.evidence.empty()) {
    html += "<h2>The numbers behind it</h2>" + list_of("ul", "evidence", verdict.evidence);
  }
  return html;
}

// Capacity bars on one scale: three times the demand at most, so that ample stages do not dwarf the
// tight one.
std::string supply_rows(const RunRecord& record) {
  const auto supplies = observe::supplies_of(record.window);
  const double demand = record.verdict.demand_per_s;
  double scale = demand;
  for (const Supply& supply : supplies) scale = std::max(scale, supply.capacity_per_s);
  if (demand > 0) scale = std::min(scale, 3 * demand);
  std::string html;
  for (const Supply& supply : supplies) {
    if (supply.capacity_per_s <= 0) continue;
    const double share = ratio(supply.capacity_per_s, scale);
    html += fmt::format(
        "<div class=\"supply\"><span class=\"name\">{}</span><div class=\"track{}{}\">"
        "<i style=\"width:{:.1f}%\"></i>{}</div><span class=\"value\">{}</span></div>\n",
        html_escaped(supply.stage), supply.stage == record.verdict.stage ? " tight" : "",
        share > 1.001 ? " more" : "", 100 * std::min(1.0, share),
        demand > 0 ? fmt::format("<em style=\"left:{:.1f}%\"></em>", 100 * ratio(demand, scale))
                   : "",
        observe::rate_text(supply.capacity_per_s));
  }
  if (html.empty()) return html;
  const std::string note =
      demand > 0 ? fmt::format("What each could carry; the upright line is the demand, {}.",
                               observe::rate_text(demand))
                 : "What each could carry.";
  return "<h3>Capacity</h3><p class=\"note\">" + note + "</p>" + html;
}

std::string worker_shares(const RunRecord& record) {
  double whole_s = 0;
  std::string stack, key;
  for (const auto& stage : record.window.stages) {
    if (stage.pool != "workers") continue;
    whole_s = stage.threads * record.window.window_s;
    const std::string percent = percent_text(ratio(stage.busy_s, whole_s));
    stack += fmt::format("<i style=\"width:{:.2f}%\" title=\"{} {}\"></i>",
                         100 * std::min(1.0, ratio(stage.busy_s, whole_s)),
                         html_escaped(stage.name), percent);
    key += fmt::format("<i></i>{} {}", html_escaped(stage.name), percent);
  }
  if (whole_s <= 0) return "";
  return "<h3>The workers' time</h3><div class=\"stack\">" + stack + "</div><p class=\"key\">" +
         key + "; the rest is idle.</p>\n";
}

std::string stage_section(const RunRecord& record) {
  const auto& window = record.window;
  if (window.stages.empty() || window.window_s <= 0) return "";
  std::string html = "<h2>Stages</h2>" + supply_rows(record) + worker_shares(record) +
                     "<div class=\"scroll\"><table><tr><th>stage</th><th>threads</th><th>busy</th>"
                     "<th>a sample</th><th>alone, samples/s</th><th>input queue</th>"
                     "<th>output queue</th></tr>\n";
  for (const auto& stage : window.stages) {
    const double each_s = ratio(stage.busy_s, static_cast<double>(stage.items));
    html += fmt::format(
        "<tr><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td></tr>\n",
        html_escaped(stage.name), stage.threads,
        percent_text(ratio(stage.busy_s, stage.threads * window.window_s)), seconds_text(each_s),
        alone_text(stage), fill_text(stage.input_fill), fill_text(stage.output_fill));
  }
  return html +
         "</table></div>\n<p class=\"note\">After warm-up. Busy: of all its threads, for storage "
         "with a read in flight. Queue fills are means.</p>\n";
}

std::string time_section(const RunRecord& record) {
  LineChart rate{.label = "Samples a second over time", .color = "c1"};
  LineChart wait{.label = "Share of time waiting over time", .color = "c2", .unit = Unit::percent};
  LineChart read{
      .label = "Bytes read a second over time", .color = "c3", .unit = Unit::bytes_per_s};
  for (const auto& interval : record.intervals) {
    for (LineChart* chart : {&rate, &wait, &read}) chart->x_s.push_back(interval.t_s);
    rate.y.push_back(interval.samples_per_s);
    wait.y.push_back(interval.wait_share);
    read.y.push_back(interval.read_bytes_per_s);
  }
  return "<h2>Over time</h2><h3>Samples a second</h3>" + line_chart(rate) +
         "<h3>Share of time waiting</h3>" + line_chart(wait) + "<h3>Read</h3>" + line_chart(read);
}

std::string latency_row(const char* name, const observe::HistogramRecord& histogram) {
  return fmt::format(
      "<tr><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td></tr>\n",
      name, format_duration(histogram.p50_ns), format_duration(histogram.p90_ns),
      format_duration(histogram.p99_ns), format_duration(histogram.p999_ns),
      format_duration(histogram.max_ns), format_count(histogram.count));
}

std::string latency_section(const RunRecord& record) {
  return "<h2>Latency</h2><h3>The consumer's wait for a batch</h3>" +
         histogram_chart("Latency of a batch", record.batch_latency) + "<h3>A read</h3>" +
         histogram_chart("Latency of a read", record.read_latency) +
         "<div class=\"scroll\"><table><tr><th></th><th>median</th><th>p90</th><th>p99</th>"
         "<th>p99.9</th><th>max</th><th>count</th></tr>" +
         latency_row("batch", record.batch_latency) + latency_row("read", record.read_latency) +
         "</table></div>\n";
}

std::string skipped_section(const RunRecord& record) {
  if (record.skipped == 0) return "";
  std::string html = fmt::format(
      "<h2>Skipped samples: {}</h2><table class=\"skipped\"><tr><th>sample</th><th>file</th>"
      "<th>byte</th><th>why</th></tr>\n",
      format_count(record.skipped));
  for (const auto& skipped : record.skipped_listed) {
    html += fmt::format("<tr><td>{}</td><td>{}</td><td>{}</td><td>{}</td></tr>\n",
                        html_escaped(skipped.key), html_escaped(skipped.file),
                        format_count(skipped.offset_bytes), html_escaped(skipped.what));
  }
  html += "</table>\n";
  if (record.skipped > record.skipped_listed.size()) {
    html += fmt::format("<p class=\"note\">The first {} are listed.</p>\n",
                        record.skipped_listed.size());
  }
  return html;
}

std::string blend_section(const RunRecord& record) {
  if (record.dataset.blend.empty()) return "";
  uint64_t fed = 0;
  for (const auto& part : record.dataset.blend) fed += part.fed;
  std::string html =
      "<h2>Blend</h2><table><tr><th>data set</th><th>samples fed</th><th>share</th>"
      "<th>wanted</th><th>it has</th><th>passes</th></tr>\n";
  for (const auto& part : record.dataset.blend) {
    html += fmt::format(
        "<tr><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{:.2f}</td></tr>\n",
        html_escaped(part.name), format_count(part.fed),
        percent_text(observe::ratio(static_cast<double>(part.fed), static_cast<double>(fed))),
        percent_text(part.share), format_count(part.samples),
        observe::ratio(static_cast<double>(part.fed), static_cast<double>(part.samples)));
  }
  return html + "</table>\n";
}

// Of several, each with what it did in the window.
std::string disk_section(const RunRecord& record) {
  const auto& reads = record.window.reads;
  if (reads.disks.size() < 2) return "";
  std::string html =
      "<h2>Disks</h2><table><tr><th>disk</th><th>read</th><th>a read</th><th>share of bytes</th>"
      "<th>in flight</th><th>busy</th></tr>\n";
  for (const auto& disk : reads.disks) {
    const auto bytes = static_cast<double>(disk.bytes);
    html += fmt::format(
        "<tr><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{:.1f}</td><td>{}</td></tr>\n",
        html_escaped(disk.name), bytes_rate_text(ratio(bytes, record.window.window_s)),
        seconds_text(disk.latency_mean_s),
        percent_text(ratio(bytes, static_cast<double>(reads.bytes))), disk.in_flight_mean,
        percent_text(ratio(disk.busy_s, record.window.window_s)));
  }
  return html + "</table>\n";
}

std::string run_section(const RunRecord& record) {
  const auto& totals = record.totals;
  const auto& dataset = record.dataset;
  std::vector<Fact> facts = {
      {"data set", fmt::format("{} ({}, {}, {}, {})", dataset.path, dataset.format,
                               counted(dataset.samples, "sample"), format_size(dataset.bytes),
                               counted(dataset.shards, "shard"))},
      {"whole run",
       fmt::format("{} in {} of {}, {}", counted(totals.samples, "sample"),
                   counted(totals.steps, "step"), totals.batch, seconds_text(totals.wall_s))},
      {"time", time_parts(totals)},
      {"emulated step",
       totals.step_target_s > 0 ? seconds_text(totals.step_target_s) : std::string("none")},
      {"processor time", fmt::format("{} user, {} system", seconds_text(totals.cpu_user_s),
                                     seconds_text(totals.cpu_system_s))},
      {"peak memory", format_size(totals.peak_rss_bytes)},
      {"bytes", read_agreement(totals, record.window.reads.direct)}};
  for (const std::string& note : dataset.notes) facts.push_back({"note", note});
  std::string html = "<h2>The run</h2>" + fact_rows(facts) + "<h2>The machine</h2>" +
                     fact_rows(machine_facts(record)) + "<h2>The same again</h2><pre>" +
                     html_escaped(record.command, true) + "</pre>\n";
  if (!record.job_toml.empty()) {
    html += "<h3>headrace.toml</h3><pre>" + html_escaped(record.job_toml, true) + "</pre>\n";
  }
  return html;
}

}  // namespace

std::string html_report(const RunRecord& record) {
  return html_page({.title = headline(record.verdict) + ": " + record.dataset.path,
                    .subject = record.dataset.path,
                    .when = record.started,
                    .body = verdict_section(record) + stage_section(record) + time_section(record) +
                            latency_section(record) + disk_section(record) +
                            skipped_section(record) + blend_section(record) + run_section(record),
                    .version = record.version});
}

}  // namespace headrace::report
