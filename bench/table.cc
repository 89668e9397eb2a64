// Interleaved rounds, medians, one table.
#include "table.h"

#include <fmt/format.h>
#include <sys/resource.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "headrace/base/clock.h"
#include "headrace/base/files.h"
#include "headrace/observe/machine.h"

namespace headrace::bench {
namespace {

double median(std::vector<double> values) {
  std::ranges::sort(values);
  const size_t middle = values.size() / 2;
  return values.size() % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
}

double rate(const Sample& sample) { return sample.items / sample.wall_s; }

Row row_of(const Contender& contender, const std::vector<Sample>& samples,
           const std::vector<Sample>& base_samples, const std::string& base_name) {
  std::vector<double> rates, costs, ratios;
  for (size_t round = 0; round < samples.size(); ++round) {
    rates.push_back(rate(samples[round]));
    costs.push_back(samples[round].cpu_s * 1e6 / samples[round].items);
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

}  // namespace

std::vector<Row> interleave(const std::vector<Contender>& contenders, uint32_t rounds,
                            size_t base) {
  for (const Contender& contender : contenders) (void)contender.run();
  std::vector<std::vector<Sample>> samples(contenders.size());
  for (uint32_t round = 0; round < rounds; ++round) {
    for (size_t index = 0; index < contenders.size(); ++index) {
      fmt::print(stderr, "\rround {} of {}: {:<50}", round + 1, rounds, contenders[index].name);
      samples[index].push_back(contenders[index].run());
    }
  }
  fmt::print(stderr, "\r{:<70}\r", "");
  std::vector<Row> rows;
  for (size_t index = 0; index < contenders.size(); ++index) {
    rows.push_back(row_of(contenders[index], samples[index], samples[base], contenders[base].name));
  }
  return rows;
}

void print_table(const std::string& bench, const std::vector<Row>& rows) {
  fmt::print("{}: median of {} interleaved rounds\n", bench, rows.empty() ? 0 : rows[0].rounds);
  fmt::print("  {:<52} {:>12} {:<10} {:>7} {:>12} {:>7}\n", "", "rate", "", "spread", "CPU us/item",
             "ratio");
  for (const Row& row : rows) {
    fmt::print("  {:<52} {:>12.1f} {:<10} {:>6.1f}% {:>12.1f} {:>7.2f}\n", row.name, row.value,
               row.unit, row.spread * 100, row.cpu_us_an_item, row.ratio);
  }
  if (!rows.empty()) fmt::print("  ratio: to \"{}\"\n", rows[0].ratio_of);
}

void write_json(const std::string& path, const std::string& bench, const std::vector<Row>& rows) {
  const observe::MachineRecord machine = observe::read_machine(".");
  nlohmann::ordered_json document = {{"bench", bench},
                                     {"machine",
                                      {{"cpu_model", machine.cpu_model},
                                       {"cores", machine.cores},
                                       {"memory_bytes", machine.memory_bytes},
                                       {"kernel", machine.kernel}}},
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
  const std::string text = document.dump(2) + "\n";
  AtomicFile file(real_files(), path);
  file.append(std::as_bytes(std::span(text)));
  file.publish();
}

double process_cpu_s() {
  rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

double now_s() { return static_cast<double>(steady_now_ns()) * 1e-9; }

}  // namespace headrace::bench
