// What every benchmark prints: one table, and with --json FILE the same as JSON. Ratios come from
// one interleaved run. Thread safety: one thread.
#pragma once

#include <cstdint>
#include <functional>
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

// Runs all contenders in turn, `rounds` times after one warm-up each; every row's ratio is to
// contenders[base].
std::vector<Row> interleave(const std::vector<Contender>& contenders, uint32_t rounds, size_t base);

void print_table(const std::string& bench, const std::vector<Row>& rows);
// {"bench", "machine": {...}, "rows": [...]}; throws Error when the file cannot be written.
void write_json(const std::string& path, const std::string& bench, const std::vector<Row>& rows);

// User and system seconds of this process so far.
double process_cpu_s();
double now_s();

}  // namespace headrace::bench
