// Pairs of contenders, each ours after its fio.
#include "headrace/bench/against.h"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>

#include "headrace/base/error.h"
#include "headrace/base/hash.h"
#include "headrace/base/sizes.h"
#include "headrace/bench/fio.h"
#include "headrace/bench/io_text.h"

namespace headrace::bench {
namespace {

void refuse_unlike(const Setting& setting) {
  const bool alike = setting.direction == Direction::read && setting.engine != "threads" &&
                     setting.engine != "auto" && (setting.direct || setting.engine == "psync");
  if (alike) return;
  throw Error({.code = Code::invalid_argument,
               .action = "cannot compare with fio",
               .object = text_of(setting),
               .cause = "only direct reads by uring, and reads by psync, are alike in both",
               .hint = "--engine uring --cache direct --op read"});
}

class OurRuns {
 public:
  OurRuns(const io::File& file, const IoBenchOptions& options, const Setting& setting)
      : options_(options),
        setting_(setting),
        lanes_(lanes_of(file, setting.threads, setting.block_bytes)) {}

  Sample run() {
    // fio begins its sequential runs at the start of the file, so ours do.
    const LoadResult result =
        run_load(lanes_, {.engine = setting_.engine,
                          .block_bytes = setting_.block_bytes,
                          .depth = setting_.depth,
                          .pattern = setting_.pattern,
                          .duration_ns = static_cast<uint64_t>(options_.round_s * 1e9),
                          .from_start = true,
                          .seed = mix64(++round_, setting_.depth),
                          .stop = options_.stop});
    return {
        .items = static_cast<double>(result.bytes), .wall_s = result.wall_s, .cpu_s = result.cpu_s};
  }

 private:
  const IoBenchOptions& options_;
  Setting setting_;
  std::vector<Lane> lanes_;
  uint64_t round_ = 0;
};

std::string meminfo_text() {
  std::ifstream file("/proc/meminfo");
  return {std::istreambuf_iterator<char>(file), {}};
}

double cpu_s_per_gb(const Row& row) { return row.cpu_us_an_item * 1e3; }

std::string pair_lines(const AgainstReport& report) {
  std::string text = fmt::format("  {:<58} {:>10} {:>7} {:>10} {:>7} {:>6} {:>17}\n", "",
                                 "headrace", "spread", "fio", "spread", "ratio", "CPU s/GB, fio's");
  for (const AgainstPair& pair : report.pairs) {
    text += fmt::format("  {:<58} {:>10} {:>6.1f}% {:>10} {:>6.1f}% {:>6.3f} {:>8.3f} {:>8.3f}\n",
                        text_of(pair.setting), gb_rate_text(pair.ours.value),
                        100 * pair.ours.spread, gb_rate_text(pair.fio.value), 100 * pair.fio.spread,
                        pair.ours.ratio, cpu_s_per_gb(pair.ours), cpu_s_per_gb(pair.fio));
  }
  return text;
}

std::string best_line(const AgainstReport& report, const AgainstBest& best) {
  const AgainstPair& ours = report.pairs[best.ours];
  const AgainstPair& fio = report.pairs[best.fio];
  return fmt::format(
      "  {:<10} {:>8}: {} at depth {}, fio {} at depth {}: {:.3f}; CPU a byte {:.2f}\n",
      name_of(ours.setting.pattern), format_size(ours.setting.block_bytes),
      gb_rate_text(ours.ours.value), ours.setting.depth, gb_rate_text(fio.fio.value),
      fio.setting.depth, best.ratio, best.cpu_ratio);
}

}  // namespace

AgainstReport run_against_fio(const Target& target, const IoBenchOptions& options) {
  AgainstReport report{.target = target.name(),
                       .kind = target.kind(),
                       .fio = fio_version(),
                       .round_s = options.round_s};
  const std::vector<Setting> settings = settings_of(options.sweep);
  const auto direct = target.open_file(io::Caching::direct, false);
  const auto buffered = target.open_file(io::Caching::page, false);
  report.size_bytes = direct->size_bytes();
  std::vector<OurRuns> ours;
  for (const Setting& setting : settings) {
    refuse_unlike(setting);
    ours.emplace_back(setting.direct ? *direct : *buffered, options, setting);
  }
  report.huge_pages = std::ranges::all_of(
      settings,
      [meminfo = meminfo_text()](const auto& setting) { return huge_pages_for(setting, meminfo); });
  std::vector<Contender> contenders;
  const auto told = [&](const Sample& sample) {
    if (options.on_run) options.on_run();
    return sample;
  };
  for (size_t index = 0; index < settings.size(); ++index) {
    const std::string name = text_of(settings[index]);
    const FioJob job{.setting = settings[index],
                     .path = target.path(),
                     .run_s = options.round_s,
                     .huge_pages = report.huge_pages};
    contenders.push_back({"fio: " + name, "B/s", [=] { return told(run_fio(job)); }});
    contenders.push_back({name, "B/s", [&, index] { return told(ours[index].run()); }, 2 * index});
  }
  const auto rows = interleave(
      contenders,
      {.count = options.rounds, .warm_up = false, .on_run = [&](uint32_t, const Contender&) {
         return !options.stop.stop_requested();
       }});
  report.interrupted = options.stop.stop_requested();
  for (size_t index = 0; index + 1 < rows.size(); index += 2) {
    report.pairs.push_back(
        {.setting = settings[index / 2], .ours = rows[index + 1], .fio = rows[index]});
  }
  report.bests = bests_of(report.pairs);
  return report;
}

std::vector<AgainstBest> bests_of(const std::vector<AgainstPair>& pairs) {
  std::vector<AgainstBest> bests;
  const auto same = [&](size_t one, size_t other) {
    return pairs[one].setting.pattern == pairs[other].setting.pattern &&
           pairs[one].setting.block_bytes == pairs[other].setting.block_bytes;
  };
  for (size_t index = 0; index < pairs.size(); ++index) {
    const auto found = std::ranges::find_if(
        bests, [&](const AgainstBest& best) { return same(best.ours, index); });
    if (found == bests.end()) {
      bests.push_back({.ours = index, .fio = index});
      continue;
    }
    if (pairs[index].ours.value > pairs[found->ours].ours.value) found->ours = index;
    if (pairs[index].fio.value > pairs[found->fio].fio.value) found->fio = index;
  }
  for (AgainstBest& best : bests) {
    const Row& ours = pairs[best.ours].ours;
    const Row& fio = pairs[best.fio].fio;
    best.ratio = ours.value / fio.value;
    best.cpu_ratio = fio.cpu_us_an_item > 0 ? ours.cpu_us_an_item / fio.cpu_us_an_item : 0;
  }
  return bests;
}

std::string against_text(const AgainstReport& report) {
  if (report.pairs.empty()) return "stopped before the first round was whole\n";
  std::string text =
      fmt::format("{}: {}, {}; against {}; median of {} interleaved rounds of {:.2g} s each\n",
                  report.target, report.kind, format_size(report.size_bytes), report.fio,
                  report.pairs.front().ours.rounds, report.round_s);
  text += report.huge_pages ? "fio's buffers are on huge pages, as ours\n"
                            : "fio's buffers are on plain pages: sysctl vm.nr_hugepages=N has too "
                              "few for both\n";
  text += pair_lines(report) + "\nbest of each, by the medians\n";
  for (const AgainstBest& best : report.bests) text += best_line(report, best);
  return text;
}

nlohmann::ordered_json against_document(const AgainstReport& report) {
  std::vector<Row> rows;
  for (const AgainstPair& pair : report.pairs) {
    rows.push_back(pair.fio);
    rows.push_back(pair.ours);
  }
  nlohmann::ordered_json document = table_document("io against fio", report.target, rows);
  document["fio"] = report.fio;
  document["fio_huge_pages"] = report.huge_pages;
  document["target"] = {
      {"path", report.target}, {"kind", report.kind}, {"bytes", report.size_bytes}};
  document["best"] = nlohmann::ordered_json::array();
  for (const AgainstBest& best : report.bests) {
    document["best"].push_back({{"pattern", name_of(report.pairs[best.ours].setting.pattern)},
                                {"block_bytes", report.pairs[best.ours].setting.block_bytes},
                                {"row", 2 * best.ours + 1},
                                {"fio_row", 2 * best.fio},
                                {"ratio", best.ratio},
                                {"cpu_ratio", best.cpu_ratio}});
  }
  return document;
}

}  // namespace headrace::bench
