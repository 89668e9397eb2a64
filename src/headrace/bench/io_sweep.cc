// The runs of a sweep: prepared, interleaved, put together.
#include "headrace/bench/io_sweep.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "headrace/base/error.h"
#include "headrace/base/hash.h"
#include "headrace/base/sizes.h"
#include "headrace/observe/machine.h"
#include "headrace/observe/process.h"

namespace headrace::bench {
namespace {

constexpr uint64_t k_verified_bytes = uint64_t{8} << 20;  // of each setting

// Aligned arenas for each thread; more than half of what is free would push out what others need.
void check_memory(const Setting& setting, uint64_t available_bytes) {
  const uint64_t wanted_bytes = setting.block_bytes * setting.depth * setting.threads;
  if (available_bytes == 0 || wanted_bytes <= available_bytes / 2) return;
  throw Error({.code = Code::invalid_argument,
               .action = "cannot measure",
               .object = text_of(setting),
               .cause = fmt::format("its buffers take {}, and {} of memory are free",
                                    format_size(wanted_bytes), format_size(available_bytes)),
               .hint = "smaller blocks, depths or thread counts"});
}

// The target, opened as each setting wants it; settings share, since descriptors are few.
class OpenTarget {
 public:
  OpenTarget(const Target& target, bool writable) : target_(target), writable_(writable) {}
  const Target& target() const { return target_; }
  const io::File& file(io::Caching caching) {
    auto& file = files_[static_cast<size_t>(caching)];
    if (!file) file = target_.open_file(caching, writable_);
    return *file;
  }

 private:
  const Target& target_;
  bool writable_;
  std::array<std::unique_ptr<io::File>, 3> files_;  // by caching
};

io::Caching caching_of(const Setting& setting) {
  if (setting.direct) return io::Caching::direct;
  return setting.engine.ends_with("+dontcache") ? io::Caching::uncached : io::Caching::page;
}

// One setting through all rounds.
class SettingRuns {
 public:
  SettingRuns(OpenTarget& open, const IoBenchOptions& options, const Setting& setting)
      : target_(open.target()),
        options_(options),
        finding_{.setting = setting},
        file_(open.file(caching_of(setting))),
        plain_(open.file(io::Caching::page)),
        lanes_(lanes_of(file_, setting.threads, setting.block_bytes)) {}

  Sample run() {
    const Setting& setting = finding_.setting;
    const bool cached_read = !setting.direct && setting.direction == Direction::read;
    LoadOptions load = options_of(++round_);
    load.duration_ns = static_cast<uint64_t>(options_.round_s * 1e9);
    if (cached_read && !options_.warm) {
      finding_.still_cached = std::max(finding_.still_cached, target_.drop_pages());
      load.passes = 1;  // a block that comes again would come from memory
    }
    const LoadResult result = run_load(lanes_, load);
    latency_.merge(*result.latency);
    finding_.note = result.ring.why_not_better;
    if (caching_of(setting) == io::Caching::uncached && !file_.uncached()) {
      finding_.note = "RWF_DONTCACHE is refused here (Linux 6.14), so pages stay in the cache";
    }
    return {
        .items = static_cast<double>(result.bytes), .wall_s = result.wall_s, .cpu_s = result.cpu_s};
  }

  // Not timed. Reads are compared with what a plain read of the page cache brings; writes are read
  // back so. Returns the blocks compared.
  uint64_t verify(uint64_t number) {
    const Setting& setting = finding_.setting;
    LoadOptions load = options_of(0);
    load.passes = 1;
    std::vector<Lane> few = lanes_;
    for (Lane& lane : few) {
      lane.size_bytes = std::min(lane.size_bytes, std::max(setting.block_bytes, k_verified_bytes) /
                                                      setting.block_bytes * setting.block_bytes);
    }
    if (setting.direction == Direction::write) {
      // Other bytes than any setting before left there.
      const uint64_t key = number << 44;
      load.fill = [&](uint64_t offset, std::span<std::byte> block) {
        fill_pattern(offset ^ key, block);
      };
      const uint64_t count = run_load(few, load).operations;
      compare_written(few, key);
      return count;
    }
    load.check = [&](uint64_t offset, std::span<const std::byte> block) {
      return differs(offset, block);
    };
    return run_load(few, load).operations;
  }

  Finding finding(const Row& row) const {
    Finding finding = finding_;
    finding.row = row;
    finding.latency = latency_.record();
    finding.cpu_s_per_gb = row.cpu_us_an_item * 1e3;  // of a byte, in microseconds
    finding.operations_per_s = row.value / static_cast<double>(finding.setting.block_bytes);
    finding.stayed_direct = !finding.setting.direct || file_.direct();
    return finding;
  }

 private:
  LoadOptions options_of(uint64_t round) const {
    const Setting& setting = finding_.setting;
    return {.engine = setting.engine,
            .device = options_.device,
            .block_bytes = setting.block_bytes,
            .depth = setting.depth,
            .pattern = setting.pattern,
            .direction = setting.direction,
            .seed = mix64(round, setting.depth),
            .stop = options_.stop};
  }
  // The first offset that a plain read sees otherwise.
  std::optional<uint64_t> differs(uint64_t offset, std::span<const std::byte> block) const {
    std::vector<std::byte> expected(block.size());
    const auto got = real_files().read_at(plain_.fd(), expected, offset);
    if (!got) throw_errno(got.error(), "cannot verify", target_.name(), offset);
    if (std::ranges::equal(expected, block)) return std::nullopt;
    const auto wrong = std::ranges::mismatch(expected, block).in1 - expected.begin();
    return offset + static_cast<uint64_t>(wrong);
  }
  void compare_written(std::span<const Lane> lanes, uint64_t key) const {
    std::vector<std::byte> block(finding_.setting.block_bytes);
    for (const Lane& lane : lanes) {
      for (uint64_t at = 0; at < lane.size_bytes; at += block.size()) {
        fill_pattern((lane.start_bytes + at) ^ key, block);
        const auto wrong = differs(lane.start_bytes + at, block);
        if (!wrong) continue;
        throw Error({.code = Code::corrupt,
                     .action = "verification failed: " + text_of(finding_.setting) + ", in",
                     .object = target_.name(),
                     .offset_bytes = *wrong,
                     .cause = "other bytes came back than were written"});
      }
    }
  }

  const Target& target_;
  const IoBenchOptions& options_;
  Finding finding_;
  const io::File& file_;
  const io::File& plain_;
  std::vector<Lane> lanes_;
  observe::Histogram latency_;
  uint64_t round_ = 0;
};

using AllRuns = std::vector<std::unique_ptr<SettingRuns>>;

std::vector<Row> measure(AllRuns& runs, const std::vector<Setting>& settings,
                         const IoBenchOptions& options) {
  std::vector<Contender> contenders;
  for (size_t index = 0; index < runs.size(); ++index) {
    contenders.push_back({text_of(settings[index]), "B/s", [&, index] {
                            const Sample sample = runs[index]->run();
                            if (options.on_run) options.on_run();
                            return sample;
                          }});
  }
  // No warm-up: runs are to be cold, and each one's rings are made before its time begins.
  return interleave(
      contenders,
      {.count = options.rounds, .warm_up = false, .on_run = [&](uint32_t, const Contender&) {
         return !options.stop.stop_requested();
       }});
}

// Ratios in a sweep are to the fastest setting, which is known only at the end.
void compare_with_fastest(std::vector<Row>& rows) {
  const auto fastest = std::ranges::max_element(rows, {}, &Row::value);
  for (Row& row : rows) {
    row.ratio_of = fastest->name;
    row.ratio = row.value / fastest->value;
  }
}

// Loaders read shuffled samples, so random reads speak for them where there are any.
Pattern loader_pattern(const Sweep& sweep) {
  return std::ranges::count(sweep.patterns, Pattern::random) > 0 ? Pattern::random
                                                                 : Pattern::sequential;
}
uint64_t nearest_block(const Sweep& sweep, uint64_t wanted_bytes) {
  const auto distance = [&](uint64_t block_bytes) {
    return std::abs(
        std::log2(static_cast<double>(block_bytes) / static_cast<double>(wanted_bytes)));
  };
  return *std::ranges::min_element(sweep.block_bytes, {}, distance);
}

}  // namespace

uint64_t run_count(const IoBenchOptions& options) {
  return settings_of(options.sweep).size() * options.rounds;
}

IoReport run_io_bench(const Target& target, const IoBenchOptions& options) {
  IoReport report{.target = target.name(),
                  .kind = target.kind(),
                  .machine = observe::read_machine(target.name()),
                  .options = options};
  const std::vector<Setting> settings = settings_of(options.sweep);
  const uint64_t available_bytes = observe::available_memory_bytes();
  const auto& directions = options.sweep.directions;
  OpenTarget open(target, std::ranges::count(directions, Direction::write) > 0);
  report.size_bytes = open.file(io::Caching::page).size_bytes();
  AllRuns runs;
  for (const Setting& setting : settings) {
    check_memory(setting, available_bytes);
    runs.push_back(std::make_unique<SettingRuns>(open, options, setting));
    if (setting.direct) report.why_not_direct = open.file(io::Caching::direct).why_not_direct();
  }
  std::vector<Row> rows = measure(runs, settings, options);
  report.interrupted = options.stop.stop_requested();
  if (rows.empty()) return report;
  compare_with_fastest(rows);
  for (size_t index = 0; index < runs.size(); ++index) {
    if (options.verify && !report.interrupted)
      report.verified_count += runs[index]->verify(index + 1);
    report.findings.push_back(runs[index]->finding(rows[index]));
  }
  report.knees = knees_of(report.findings);
  report.best = best_for(report.findings, loader_pattern(options.sweep),
                         nearest_block(options.sweep, options.sample_bytes));
  return report;
}

}  // namespace headrace::bench
