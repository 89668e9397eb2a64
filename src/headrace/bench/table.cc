// Interleaved rounds, medians, one table.
#include "headrace/bench/table.h"

#include <fmt/format.h>
#include <sys/resource.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "headrace/base/clock.h"
#include "headrace/base/files.h"
#include "headrace/observe/machine.h"

namespace headrace::bench {
namespace {

double rate(const Sample& sample) { return sample.items / sample.wall_s; }

Row row_of(const Contender& contender, const std::vector<Sample>& samples,
           const std::vector<Sample>& base_samples, const std::string& base_name) {
  std::vector<double> rates, costs, ratios;
  for (size_t round = 0; round < samples.size(); ++round) {
    rates.push_back(rate(samples[round]));
    costs.push_back(samples[round].cpu_s * 1e6 / std::max(1.0, samples[round].items));
    ratios.push_back(rates.back() / rate(base_samples[round]));
  }
  const auto [least, most] = std::ranges::minmax(rates);
  return {.name = contender.name,
          .value = median(rates),
          .unit = contender.unit,
          .spread = (most - least) / median(rates),
          .rounds = static_cast<uint32_t>(samples.size()),
          .cpu_us_an_item = median(costs),
          .ratio_of = base_name,
          .ratio = median(ratios)};
}

using Samples = std::vector<std::vector<Sample>>;  // by contender, then by round

// Runs one round; false when it was ended before its last contender.
bool run_round(const std::vector<Contender>& contenders, const Rounds& rounds, uint32_t round,
               Samples& samples) {
  std::vector<Sample> taken;
  for (const Contender& contender : contenders) {
    if (rounds.on_run && !rounds.on_run(round, contender)) return false;
    taken.push_back(contender.run());
  }
  for (size_t index = 0; index < taken.size(); ++index) samples[index].push_back(taken[index]);
  return true;
}

double seconds_of(int who) {
  rusage usage;
  getrusage(who, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

}  // namespace

double median(std::vector<double> values) {
  std::ranges::sort(values);
  const size_t middle = values.size() / 2;
  return values.size() % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
}

std::vector<Row> interleave(const std::vector<Contender>& contenders, const Rounds& rounds) {
  Samples samples(contenders.size()), unused(contenders.size());
  if (rounds.warm_up && !run_round(contenders, rounds, 0, unused)) return {};
  for (uint32_t round = 1; round <= rounds.count; ++round) {
    if (!run_round(contenders, rounds, round, samples)) break;
  }
  std::vector<Row> rows;
  for (size_t index = 0; index < contenders.size() && !samples[0].empty(); ++index) {
    const size_t base = contenders[index].base.value_or(rounds.base);
    rows.push_back(row_of(contenders[index], samples[index], samples[base], contenders[base].name));
  }
  return rows;
}

bool show_round(uint32_t round, const Contender& contender) {
  fmt::print(stderr, "\r{}: {:<56}\r", round == 0 ? "warm-up" : fmt::format("round {}", round),
             contender.name);
  return true;
}

std::string table_text(const std::string& bench, const std::vector<Row>& rows) {
  std::string text = fmt::format("{}: median of {} interleaved rounds\n", bench,
                                 rows.empty() ? 0 : rows[0].rounds);
  text += fmt::format("  {:<52} {:>12} {:<10} {:>7} {:>12} {:>7}\n", "", "rate", "", "spread",
                      "CPU us/item", "ratio");
  for (const Row& row : rows) {
    const bool own_base = row.ratio_of != rows[0].ratio_of;
    text += fmt::format("  {:<52} {:>12.1f} {:<10} {:>6.1f}% {:>12.1f} {:>7.2f}{}\n", row.name,
                        row.value, row.unit, row.spread * 100, row.cpu_us_an_item, row.ratio,
                        own_base ? fmt::format(" of \"{}\"", row.ratio_of) : "");
  }
  if (!rows.empty()) text += fmt::format("  ratio: to \"{}\"\n", rows[0].ratio_of);
  return text;
}

nlohmann::ordered_json table_document(const std::string& bench, const std::string& data_path,
                                      const std::vector<Row>& rows) {
  const observe::MachineRecord machine = observe::read_machine(data_path);
  nlohmann::ordered_json document = {{"bench", bench},
                                     {"machine",
                                      {{"cpu_model", machine.cpu_model},
                                       {"cores", machine.cores},
                                       {"memory_bytes", machine.memory_bytes},
                                       {"kernel", machine.kernel},
                                       {"file_system", machine.file_system},
                                       {"device", machine.device}}},
                                     {"rows", nlohmann::ordered_json::array()}};
  for (const Row& row : rows) {
    document["rows"].push_back({{"name", row.name},
                                {"value", row.value},
                                {"unit", row.unit},
                                {"spread", row.spread},
                                {"rounds", row.rounds},
                                {"cpu_us_an_item", row.cpu_us_an_item},
                                {"ratio", {{"of", row.ratio_of}, {"value", row.ratio}}}});
  }
  return document;
}

void write_json(const std::string& path, const std::string& bench, const std::vector<Row>& rows) {
  write_output(path, table_document(bench, ".", rows).dump(2) + "\n");
}

double process_cpu_s() { return seconds_of(RUSAGE_SELF); }
double children_cpu_s() { return seconds_of(RUSAGE_CHILDREN); }
double now_s() { return static_cast<double>(steady_now_ns()) * 1e-9; }

}  // namespace headrace::bench
