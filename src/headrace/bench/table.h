// What every benchmark prints: one table, and with --json FILE the same as JSON. Ratios come from
// one interleaved run. Thread safety: one thread.
#pragma once

#include <cstdint>
#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

namespace headrace::bench {

// One timed run of one contender: how much it did and what it cost.
struct Sample {
  double items = 0;
  double wall_s = 0;
  double cpu_s = 0;  // user + system, all threads of the process
};

struct Contender {
  std::string name;
  std::string unit;  // of the rate: "images/s"
  std::function<Sample()> run;
  std::optional<size_t> base = {};  // whom its ratio is to, where not to the one of all
};

struct Row {
  std::string name;
  double value = 0;  // median rate
  std::string unit;
  double spread = 0;  // (max - min) / median over the rounds
  uint32_t rounds = 0;
  double cpu_us_an_item = 0;  // median
  std::string ratio_of;       // the contender that the ratio compares with; empty = none
  double ratio = 0;           // median of the rounds' own ratios
};

struct Rounds {
  uint32_t count = 5;
  size_t base = 0;      // every row's ratio is to contenders[base]
  bool warm_up = true;  // each contender runs once before the first round
  // Told before each run; false ends the rounds, and what is whole of them counts.
  std::function<bool(uint32_t round, const Contender&)> on_run = {};
};
// Runs all contenders in turn, round after round. No rows when not even one round was whole.
std::vector<Row> interleave(const std::vector<Contender>& contenders, const Rounds& rounds);
// For Rounds::on_run: the round and the contender on standard error.
bool show_round(uint32_t round, const Contender& contender);

std::string table_text(const std::string& bench, const std::vector<Row>& rows);
// {"bench", "machine": {...}, "rows": [...]}; `data_path`: whose file system the machine's facts
// name.
nlohmann::ordered_json table_document(const std::string& bench, const std::string& data_path,
                                      const std::vector<Row>& rows);
// Throws Error when the file cannot be written.
void write_json(const std::string& path, const std::string& bench, const std::vector<Row>& rows);

double median(std::vector<double> values);  // at least one
// User and system seconds of this process so far, and of its ended children.
double process_cpu_s();
double children_cpu_s();
double now_s();

}  // namespace headrace::bench
