// Listing, comparing and naming settings.
#include "headrace/bench/sweep.h"

#include <fmt/format.h>

#include <algorithm>

#include "headrace/base/sizes.h"

namespace headrace::bench {
namespace {

template <typename T>
void sort_once(std::vector<T>& values) {
  std::ranges::sort(values);
  const auto rest = std::ranges::unique(values);
  values.erase(rest.begin(), rest.end());
}

// Polled completions are of direct I/O alone, and only buffered I/O leaves pages behind.
bool fits_cache(const std::string& engine, bool direct) {
  return direct ? !engine.ends_with("+dontcache") : !engine.ends_with("+iopoll");
}

// The settings that differ in engine, threads and depth alone.
void add_curves(const Sweep& sweep, const Setting& base, std::vector<Setting>& settings) {
  for (const std::string& engine : sweep.engines) {
    for (const uint32_t threads : sweep.threads) {
      for (const uint32_t depth : sweep.depths) {
        if (engine == "psync" && depth != sweep.depths.front()) continue;
        if (!fits_cache(engine, base.direct)) continue;
        Setting setting = base;
        setting.engine = engine;
        setting.threads = threads;
        setting.depth = depth;
        settings.push_back(setting);
      }
    }
  }
}

bool same_curve(const Setting& one, const Setting& other) {
  Setting moved = one;
  moved.depth = other.depth;
  return moved == other;
}

}  // namespace

std::string text_of(const Setting& setting) {
  return fmt::format("{} {}, {}, {}, {}, {} thread{}, depth {}", name_of(setting.pattern),
                     name_of(setting.direction), format_size(setting.block_bytes),
                     setting.direct ? "direct" : "buffered", setting.engine, setting.threads,
                     setting.threads == 1 ? "" : "s", setting.depth);
}

std::vector<Setting> settings_of(Sweep sweep) {
  sort_once(sweep.block_bytes);
  sort_once(sweep.threads);
  sort_once(sweep.depths);
  std::vector<Setting> settings;
  for (const Direction direction : sweep.directions) {
    for (const Pattern pattern : sweep.patterns) {
      for (const uint64_t block_bytes : sweep.block_bytes) {
        for (const bool direct : sweep.direct) {
          add_curves(sweep,
                     {.direction = direction,
                      .pattern = pattern,
                      .block_bytes = block_bytes,
                      .direct = direct},
                     settings);
        }
      }
    }
  }
  return settings;
}

std::vector<Knee> knees_of(std::span<const Finding> findings) {
  std::vector<Knee> knees;
  for (size_t begin = 0, end = 0; begin < findings.size(); begin = end) {
    Knee knee{.finding = begin};
    for (end = begin + 1; end < findings.size(); ++end) {
      if (!same_curve(findings[begin].setting, findings[end].setting)) break;
      const double least = findings[knee.finding].row.value * (1 + k_worthwhile_rise);
      knee.reached |= findings[end].row.value < least;
      if (!knee.reached) knee.finding = end;
    }
    if (end - begin >= k_depths_of_knee) knees.push_back(knee);
  }
  return knees;
}

std::optional<size_t> best_for(std::span<const Finding> findings, Pattern pattern,
                               uint64_t block_bytes) {
  const auto fits = [&](const Finding& finding) {
    const Setting& setting = finding.setting;
    return setting.direction == Direction::read && setting.pattern == pattern &&
           setting.block_bytes == block_bytes && setting.threads == 1 &&
           parse_engine(setting.engine).of_jobs;
  };
  double fastest = 0;
  for (const Finding& finding : findings) {
    if (fits(finding)) fastest = std::max(fastest, finding.row.value);
  }
  std::optional<size_t> best;
  for (size_t index = 0; index < findings.size(); ++index) {
    const Finding& finding = findings[index];
    if (!fits(finding) || finding.row.value * (1 + k_worthwhile_rise) < fastest) continue;
    if (!best || finding.cpu_s_per_gb < findings[*best].cpu_s_per_gb) best = index;
  }
  return best;
}

std::string job_lines(const Setting& setting) {
  return fmt::format("[dataset]\ncache = \"{}\"\n\n[loader]\nengine = \"{}\"\ndepth = {}\n",
                     setting.direct ? "direct" : "page", setting.engine, setting.depth);
}

}  // namespace headrace::bench
