// Drawing of charts. Colors are classes, so that the page's style sheet decides them for light and
// dark.
#include "headrace/report/chart.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "headrace/base/sizes.h"
#include "headrace/report/text.h"

namespace headrace::report {

namespace {

constexpr double k_width = 720;
constexpr double k_height = 190;
constexpr double k_left = 66;
constexpr double k_right = 14;
constexpr double k_top = 14;
constexpr double k_bottom = 28;
constexpr double k_plot_width = k_width - k_left - k_right;
constexpr double k_plot_height = k_height - k_top - k_bottom;
constexpr double k_floor = k_top + k_plot_height;

double finite(double value) { return std::isfinite(value) ? std::clamp(value, 0.0, 1e18) : 0; }

std::string unit_text(double value, Unit unit) {
  switch (unit) {
    case Unit::percent:
      return fmt::format("{:.3g} %", 100 * value);
    case Unit::bytes_per_s:
      return value > 0 ? bytes_rate_text(value) : "0";
    case Unit::count:
      return number_text(value);
  }
  return "";
}

// Bytes have round numbers in powers of two, the others in powers of ten.
std::vector<double> ticks_of(double most, Unit unit) {
  double scale = 1;
  if (unit == Unit::bytes_per_s) {
    while (scale < 1e15 && most / scale >= 1024) scale *= 1024;
  }
  std::vector<double> ticks = ticks_up_to(most / scale, 4);
  for (double& tick : ticks) tick *= scale;
  return ticks;
}

std::string frame_begin(const std::string& label) {
  return fmt::format("<svg class=\"chart\" viewBox=\"0 0 {} {}\" role=\"img\" aria-label=\"{}\">",
                     k_width, k_height, html_escaped(label));
}

std::string grid_line(double y, const std::string& text) {
  return fmt::format(
      "<line class=\"grid\" x1=\"{}\" x2=\"{}\" y1=\"{:.1f}\" y2=\"{:.1f}\"/>"
      "<text class=\"tick\" x=\"{}\" y=\"{:.1f}\" text-anchor=\"end\">{}</text>",
      k_left, k_width - k_right, y, y, k_left - 8, y + 4, text);
}

std::string x_tick(double x, const std::string& text) {
  return fmt::format("<text class=\"tick\" x=\"{:.1f}\" y=\"{}\" text-anchor=\"middle\">{}</text>",
                     x, k_floor + 19, text);
}

// Neighbors become their mean, so that a week's run draws as many points as three minutes.
LineChart thinned(const LineChart& chart) {
  const size_t count = std::min(chart.x_s.size(), chart.y.size());
  const size_t group = std::max<size_t>(1, (count + k_points_limit - 1) / k_points_limit);
  LineChart result{.label = chart.label, .color = chart.color, .unit = chart.unit};
  for (size_t i = 0; i < count; i += group) {
    const size_t end = std::min(count, i + group);
    double sum = 0;
    for (size_t k = i; k < end; ++k) sum += finite(chart.y[k]);
    result.x_s.push_back(finite(chart.x_s[end - 1]));
    result.y.push_back(sum / static_cast<double>(end - i));
  }
  return result;
}

std::string marks(const std::vector<std::pair<double, double>>& points, const LineChart& chart) {
  const double half = k_plot_width / static_cast<double>(std::max<size_t>(1, points.size())) / 2;
  std::string svg;
  for (size_t i = 0; i < points.size(); ++i) {
    const auto [x, y] = points[i];
    svg += fmt::format(
        "<g class=\"pt {}\"><rect x=\"{:.1f}\" y=\"{}\" width=\"{:.1f}\" height=\"{}\"/>"
        "<circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"4\"/><title>{} at {}</title></g>",
        chart.color, x - half, k_top, 2 * half, k_plot_height, x, y,
        unit_text(chart.y[i], chart.unit), seconds_text(chart.x_s[i]));
  }
  return svg;
}

struct Bars {
  int first = 0;  // exponent of the first bar: 2^(first / 4) ns
  std::vector<uint64_t> counts;
};

int quarter_octave(double value_ns) {
  return static_cast<int>(std::floor(std::log2(std::max(1.0, value_ns)) * 4));
}

Bars bars_of(const observe::HistogramRecord& histogram) {
  const auto middle = [](const auto& bucket) {
    return (static_cast<double>(bucket.low_ns) + static_cast<double>(bucket.high_ns)) / 2;
  };
  Bars bars{.first = quarter_octave(middle(histogram.buckets.front())) - 1, .counts = {}};
  const int last = quarter_octave(middle(histogram.buckets.back())) + 1;
  bars.counts.resize(static_cast<size_t>(std::clamp(last - bars.first + 1, 8, 264)));
  for (const auto& bucket : histogram.buckets) {
    const int index = quarter_octave(middle(bucket)) - bars.first;
    bars.counts[static_cast<size_t>(
        std::clamp(index, 0, static_cast<int>(bars.counts.size()) - 1))] += bucket.count;
  }
  return bars;
}

double x_of(const Bars& bars, double value_ns) {
  const double at = std::log2(std::max(1.0, value_ns)) * 4 - bars.first;
  return k_left + k_plot_width * std::clamp(at / static_cast<double>(bars.counts.size()), 0.0, 1.0);
}

std::string bar_rects(const Bars& bars, double most, uint64_t total) {
  const double width = k_plot_width / static_cast<double>(bars.counts.size());
  std::string svg;
  for (size_t i = 0; i < bars.counts.size(); ++i) {
    if (bars.counts[i] == 0) continue;
    const double share = static_cast<double>(bars.counts[i]) / static_cast<double>(total);
    const double height = std::max(1.5, k_plot_height * share / most);
    const double low_ns = std::exp2((bars.first + static_cast<double>(i)) / 4);
    svg += fmt::format(
        "<rect class=\"hist\" x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"{:.1f}\">"
        "<title>{} to {}: {} ({:.2g} %)</title></rect>",
        k_left + width * static_cast<double>(i) + 0.5, k_floor - height, std::max(1.0, width - 1),
        height, format_duration(static_cast<uint64_t>(low_ns)),
        format_duration(static_cast<uint64_t>(low_ns * std::exp2(0.25))),
        format_count(bars.counts[i]), 100 * share);
  }
  return svg;
}

std::string percentile_mark(const Bars& bars, uint64_t value_ns, const char* name) {
  const double x = x_of(bars, static_cast<double>(value_ns));
  const bool flip = x > k_width - 130;
  return fmt::format(
      "<line class=\"mark\" x1=\"{:.1f}\" x2=\"{:.1f}\" y1=\"{}\" y2=\"{}\"/>"
      "<text class=\"marked\" x=\"{:.1f}\" y=\"{}\" text-anchor=\"{}\">{} {}</text>",
      x, x, k_top - 4, k_floor, x + (flip ? -5 : 5), k_top + 5, flip ? "end" : "start", name,
      format_duration(value_ns));
}

}  // namespace

std::vector<double> ticks_up_to(double most, size_t wanted) {
  most = finite(most);
  if (most <= 0) most = 1;
  const double rough = most / static_cast<double>(std::max<size_t>(1, wanted));
  const double power = std::pow(10, std::floor(std::log10(rough)));
  double step = power * 10;
  for (const double factor : {1.0, 2.0, 2.5, 5.0}) {
    if (factor * power >= rough * 0.999) {
      step = factor * power;
      break;
    }
  }
  std::vector<double> ticks = {0};
  while (ticks.back() < most * 0.999 && ticks.size() < 3 * wanted + 2) {
    ticks.push_back(step * static_cast<double>(ticks.size()));
  }
  return ticks;
}

std::string line_chart(const LineChart& full) {
  const LineChart chart = thinned(full);
  if (chart.y.size() < 2) return "<p class=\"none\">Too short a run to draw.</p>";
  const double floor_of_most = chart.unit == Unit::percent ? 0.01 : 0;
  const auto ticks =
      ticks_of(std::max(floor_of_most, *std::ranges::max_element(chart.y)), chart.unit);
  const double end_s = std::max(1e-9, chart.x_s.back());
  std::string svg = frame_begin(chart.label);
  for (const double tick : ticks) {
    svg += grid_line(k_floor - k_plot_height * tick / ticks.back(), unit_text(tick, chart.unit));
  }
  for (const double tick : ticks_up_to(end_s, 6)) {
    if (tick <= end_s) {
      svg += x_tick(k_left + k_plot_width * tick / end_s, fmt::format("{:.4g} s", tick));
    }
  }
  std::vector<std::pair<double, double>> points;
  std::string path;
  for (size_t i = 0; i < chart.y.size(); ++i) {
    points.emplace_back(k_left + k_plot_width * std::min(1.0, chart.x_s[i] / end_s),
                        k_floor - k_plot_height * chart.y[i] / ticks.back());
    path += fmt::format("{}{:.1f} {:.1f}", i == 0 ? "M" : "L", points[i].first, points[i].second);
  }
  svg += fmt::format("<path class=\"area {}\" d=\"{}L{:.1f} {}L{:.1f} {}Z\"/>", chart.color, path,
                     points.back().first, k_floor, points.front().first, k_floor);
  svg += fmt::format("<path class=\"line {}\" d=\"{}\"/>", chart.color, path);
  return svg + marks(points, chart) + "</svg>";
}

std::string histogram_chart(const std::string& label, const observe::HistogramRecord& histogram) {
  uint64_t total = 0;
  for (const auto& bucket : histogram.buckets) total += bucket.count;
  if (total == 0) return "<p class=\"none\">Nothing was counted.</p>";
  const Bars bars = bars_of(histogram);
  const double peak =
      static_cast<double>(*std::ranges::max_element(bars.counts)) / static_cast<double>(total);
  const auto ticks = ticks_up_to(peak, 3);
  std::string svg = frame_begin(label);
  for (const double tick : ticks) {
    svg += grid_line(k_floor - k_plot_height * tick / ticks.back(), unit_text(tick, Unit::percent));
  }
  svg += bar_rects(bars, ticks.back(), total);
  for (uint64_t decade = 1; decade < uint64_t{1'000'000'000'000'000'000}; decade *= 10) {
    const double at = std::log2(static_cast<double>(decade)) * 4;
    if (at < bars.first || at > bars.first + static_cast<int>(bars.counts.size())) continue;
    svg += x_tick(x_of(bars, static_cast<double>(decade)),
                  decade < 1000            ? fmt::format("{} ns", decade)
                  : decade < 1'000'000     ? fmt::format("{} us", decade / 1000)
                  : decade < 1'000'000'000 ? fmt::format("{} ms", decade / 1'000'000)
                                           : fmt::format("{} s", decade / 1'000'000'000));
  }
  svg += percentile_mark(bars, histogram.p50_ns, "median");
  return svg + percentile_mark(bars, histogram.p99_ns, "p99") + "</svg>";
}

}  // namespace headrace::report
