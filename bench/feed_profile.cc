// Laps of all workers between two moments of one run.
#include "feed_profile.h"

#include <fmt/format.h>

#include <array>

#include "headrace/base/clock.h"
#include "headrace/base/laps.h"
#include "turbo_decode.h"

namespace headrace::bench {
namespace {

struct Moment {
  uint64_t at_ns = 0, sample_count = 0, idle_ns = 0;
  std::array<uint64_t, k_part_count> parts_ns = {};
};

Moment moment_of(const loader::Loader& loader) {
  Moment moment{.at_ns = steady_now_ns()};
  for (const loader::WorkerStats& worker : loader.stats().workers) {
    moment.sample_count += worker.times.items(observe::Stage::decode);
    moment.idle_ns += worker.idle.total_ns();
    for (size_t part = 0; part < k_part_count; ++part) {
      moment.parts_ns[part] += worker.laps.sum_ns(static_cast<Part>(part));
    }
  }
  return moment;
}

// Cycles a nanosecond of this core now: additions that wait for each other take one each.
double measure_cycles_a_ns() {
  constexpr uint64_t k_count = 50'000'000;
  uint64_t sum = 1, step = 3;
  const uint64_t begin_ns = steady_now_ns();
  for (uint64_t index = 0; index < k_count / 8; ++index) {
#pragma GCC unroll 8
    for (int turn = 0; turn < 8; ++turn) {
      sum += step;
      asm volatile("" : "+r"(sum), "+r"(step));
    }
  }
  return static_cast<double>(k_count) / static_cast<double>(steady_now_ns() - begin_ns);
}

}  // namespace

void print_profile(Source& source, const ProfileOptions& options) {
  std::array<Moment, 2> moments;
  size_t next = 0;
  source.options.profile = true;
  const Sample sample = feed_for(source, options.seconds, [&](const loader::Loader& loader) {
    moments[next++] = moment_of(loader);
  });
  source.options.profile = false;
  const auto& [before, after] = moments;
  const double workers = source.options.workers;
  const auto pictures = static_cast<double>(after.sample_count - before.sample_count);
  const double workers_ns = static_cast<double>(after.at_ns - before.at_ns) * workers;
  const double cycles_a_ns = measure_cycles_a_ns();
  fmt::print("\nprofile of \"{}\": {:.0f} pictures of {:.0f} coded bytes, {:.2f} cycles a ns\n",
             options.name, pictures, options.picture_bytes, cycles_a_ns);
  fmt::print("  {:<24} {:>12} {:>7} {:>20}\n", "", "ns a picture", "share", "cycles a coded byte");
  const auto line = [&](const char* name, double spent_ns) {
    fmt::print("  {:<24} {:>12.0f} {:>6.1f}% {:>20.2f}\n", name, spent_ns / pictures,
               100 * spent_ns / workers_ns,
               spent_ns / pictures * cycles_a_ns / options.picture_bytes);
  };
  double sum_ns = 0;
  for (size_t part = k_part_count; part-- > 0;) {
    const auto spent_ns = static_cast<double>(after.parts_ns[part] - before.parts_ns[part]);
    sum_ns += spent_ns;
    line(k_part_names[part], spent_ns);
  }
  line("sum", sum_ns);
  line("measured: wall x workers", workers_ns);
  const auto idle_ns = static_cast<double>(after.idle_ns) - static_cast<double>(before.idle_ns);
  fmt::print("  workers at work {:.1f} % of the time; {:.2f} of {:.0f} cores busy\n",
             100 - 100 * idle_ns / workers_ns, sample.cpu_s / sample.wall_s, workers);
}

void print_scaling(Source& source, const std::vector<std::vector<std::byte>>& pictures,
                   const ProfileOptions& options) {
  const uint32_t workers = source.options.workers;
  std::vector<Contender> contenders;
  const auto add = [&](const std::string& name, const std::function<Sample(uint32_t)>& run) {
    const size_t base = contenders.size();
    for (const uint32_t count : {1U, workers}) {
      contenders.push_back(
          {.name = fmt::format("{}, {} thread{}", name, count, count == 1 ? "" : "s"),
           .unit = "images/s",
           .run = [run, count] { return run(count); },
           .base = base});
    }
  };
  add("libjpeg-turbo decodes only", [&](uint32_t count) {
    return decode_only(pictures, {.threads = count, .seconds = options.seconds});
  });
  add(options.name, [&](uint32_t count) {
    source.options.workers = count;
    return feed_for(source, options.seconds);
  });
  const auto rows = interleave(contenders, {.count = options.rounds, .on_run = show_round});
  source.options.workers = workers;
  fmt::print("\n{}", table_text("feed scaling", rows));
}

}  // namespace headrace::bench
