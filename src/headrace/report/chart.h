// Charts as SVG text that needs no script: axes, gridlines, and each point's figures on hover.
// Thread safety: pure functions. Invariant: no coordinate is NaN, whatever the values are; sizes
// are bounded.
#pragma once

#include <string>
#include <vector>

#include "headrace/observe/record.h"

namespace headrace::report {

enum class Unit { count, percent, bytes_per_s };

struct LineChart {
  std::string label = {};  // for those who do not see it
  std::string color = {};  // class: "c1", "c2", "c3"
  Unit unit = Unit::count;
  std::vector<double> x_s = {};
  std::vector<double> y = {};  // as many as x_s
};
// More than k_points_limit points are averaged in groups.
inline constexpr size_t k_points_limit = 180;
std::string line_chart(const LineChart& chart);

// Durations on a logarithmic axis, four bars an octave, with marks at the median and p99.
std::string histogram_chart(const std::string& label, const observe::HistogramRecord& histogram);

// Round numbers from 0 that reach `most`: about `wanted` of them, the last at or above it.
std::vector<double> ticks_up_to(double most, size_t wanted);

}  // namespace headrace::report
