// Two front ends, flags and config keys, over one list of settings.
#include "headrace/bench/gdsio_options.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

#include "headrace/base/error.h"
#include "headrace/base/files.h"
#include "headrace/base/sizes.h"

namespace headrace::bench {
namespace {

constexpr uint64_t k_config_bytes_max = uint64_t{1} << 20;
constexpr uint32_t k_threads_max = 1024;
constexpr uint64_t k_size_bytes_max = uint64_t{1} << 50;
constexpr uint64_t k_io_bytes_max = uint64_t{1} << 30;
constexpr uint64_t k_seconds_max = uint64_t{366} * 24 * 3600;

// A value and where it stands, for messages.
struct Word {
  std::string_view text = {};
  std::string where = {};
};

[[noreturn]] void refuse(const std::string& where, std::string cause, std::string hint = {}) {
  throw Error({.code = Code::invalid_argument,
               .action = "cannot use",
               .object = where,
               .cause = std::move(cause),
               .hint = hint.empty() ? "headrace gdsio -h lists the flags" : std::move(hint)});
}

uint64_t number(const Word& word, uint64_t most) {
  uint64_t value = 0;
  const char* end = word.text.data() + word.text.size();
  const auto result = std::from_chars(word.text.data(), end, value);
  if (result.ec != std::errc() || result.ptr != end || value > most) {
    refuse(word.where, fmt::format("'{}' is not a whole number up to {}", word.text, most));
  }
  return value;
}

uint64_t size(const Word& word, uint64_t most_bytes) {
  const auto value = parse_size(word.text);
  if (!value) refuse(word.where, value.error());
  if (*value > most_bytes) refuse(word.where, "more than " + format_size(most_bytes));
  return *value;
}

// "1M", or "4K:1M:4K": least, most, step.
GdsioSizes sizes(const Word& word) {
  std::array<uint64_t, 3> parts = {};
  size_t count = 0;
  for (std::string_view rest = word.text; count < 3; ++count) {
    const size_t colon = std::min(rest.find(':'), rest.size());
    parts[count] = size({.text = rest.substr(0, colon), .where = word.where}, k_io_bytes_max);
    if (parts[count] == 0) refuse(word.where, "an I/O of nothing");
    if (colon == rest.size()) break;
    rest.remove_prefix(colon + 1);
  }
  if (count == 0) return {.least_bytes = parts[0], .most_bytes = parts[0]};
  if (count != 2 || parts[0] > parts[1]) refuse(word.where, "a range is min:max:step");
  return {.least_bytes = parts[0], .most_bytes = parts[1], .step_bytes = parts[2]};
}

GdsioType type_of(const Word& word) {
  constexpr std::array<std::string_view, 4> k_names = {"read", "write", "randread", "randwrite"};
  const auto found = std::ranges::find(k_names, word.text);
  if (found != k_names.end()) return static_cast<GdsioType>(found - k_names.begin());
  return static_cast<GdsioType>(number(word, 3));
}

bool truth(const Word& word) { return number(word, 1) == 1; }

// What a flag and a config key of the same meaning do.
struct GdsioSetting {
  char flag;             // 0 = none
  bool takes_value;      // on the command line
  std::string_view key;  // empty = none
  void (*apply)(GdsioOptions&, GdsioJob&, const Word&);
  std::string_view help;
};

void ignore(GdsioOptions& options, GdsioJob&, const Word& word) {
  options.warnings.push_back(word.where + " changes nothing without a GPU");
}

constexpr auto k_gdsio_settings = std::to_array<GdsioSetting>({
    {'f', true, "filename", [](auto&, auto& job, auto& word) { job.file = word.text; },
     "file that all threads share"},
    {'D', true, "directory", [](auto&, auto& job, auto& word) { job.folder = word.text; },
     "folder with a file for each thread: gdsio.0, gdsio.1, ..."},
    {'d', true, "gpu_dev_id", [](auto&, auto&, auto& word) { number(word, 1 << 16); }, "GPU index"},
    {'n', true, "numa_node", [](auto&, auto&, auto& word) { number(word, 1 << 16); },
     "NUMA node; threads are not pinned"},
    {'m', true, "set_mem_type", [](auto&, auto&, auto& word) { number(word, 4); },
     "memory type of a GPU transfer"},
    {'w', true, "num_threads",
     [](auto&, auto& job, auto& word) {
       job.threads = static_cast<uint32_t>(number(word, k_threads_max));
       if (job.threads == 0) refuse(word.where, "at least one thread");
     },
     "threads"},
    {'s', true, "size",
     [](auto& options, auto&, auto& word) { options.size_bytes = size(word, k_size_bytes_max); },
     "file size (K|M|G)"},
    {'o', true, "start_offset",
     [](auto& options, auto&, auto& word) { options.start_bytes = size(word, k_size_bytes_max); },
     "start offset (K|M|G)"},
    {'i', true, "bs", [](auto& options, auto&, auto& word) { options.io_size = sizes(word); },
     "I/O size (K|M|G), or min:max:step"},
    {'p', false, "enable_nvlinks", ignore, "enable NVLinks"},
    {'b', false, "skip_bufregister", ignore, "skip buffer registration"},
    {'V', false, "do_verify",
     [](auto& options, auto&, auto& word) { options.verify = truth(word); }, "verify the bytes"},
    {'x', true, "xfer_type",
     [](auto& options, auto&, auto& word) {
       options.transfer = static_cast<GdsioTransfer>(number(word, 7));
     },
     "0 GPUD, 1 CPUONLY, 2 CPU_GPU, 3 CPU_ASYNC_GPU, 4 CPU_CACHED_GPU, 5 ASYNC, 6 GPU_BATCH, "
     "7 GPU_BATCH_STREAM; all but 1 need a GPU"},
    {'B', true, "", [](auto&, auto&, auto& word) { number(word, 1 << 16); }, "batch size"},
    {'I', true, "rw", [](auto& options, auto&, auto& word) { options.type = type_of(word); },
     "0 read, 1 write, 2 random read, 3 random write"},
    {'T', true, "runtime",
     [](auto& options, auto&, auto& word) { options.duration_s = number(word, k_seconds_max); },
     "seconds"},
    {'k', true, "random_seed",
     [](auto& options, auto&, auto& word) { options.seed = number(word, ~uint64_t{0}); },
     "seed of random offsets"},
    {'U', false, "unaligned_random",
     [](auto& options, auto&, auto& word) { options.unaligned = truth(word); },
     "random offsets that are not on 4 KiB"},
    {'R', false, "fill_random", [](auto&, auto&, auto& word) { truth(word); },
     "fill buffers with random bytes (always so here)"},
    {'F', false, "refill_buffer",
     [](auto& options, auto&, auto& word) { options.refill = truth(word); },
     "new random bytes for each write"},
    {'a', true, "", [](auto&, auto&, auto& word) { size(word, k_io_bytes_max); },
     "alignment of random I/O (always the I/O size here)"},
    {'M', true, "", [](auto&, auto&, auto& word) { number(word, 100); },
     "mixed read and write percentage of a batch"},
    {'P', true, "", [](auto&, auto&, auto& word) { refuse(word.where, "RDMA is not supported"); },
     "RDMA URL; not supported"},
    {'J', false, "per_job_stats",
     [](auto& options, auto&, auto& word) { options.per_job = truth(word); },
     "a line for each job"},
    {'O', true, "", [](auto& options, auto&, auto& word) { options.buffered = truth(word); },
     "1 = no O_DIRECT"},
    {'h', false, "", [](auto& options, auto&, auto&) { options.help = true; }, "this text"},
    {0, false, "name", [](auto&, auto&, auto&) {}, ""},
});

void check(const GdsioOptions& options) {
  if (options.help) return;
  if (options.jobs.empty()) refuse("gdsio", "there is no job");
  for (const GdsioJob& job : options.jobs) {
    if (job.file.empty() == job.folder.empty()) {
      refuse("gdsio", "each job wants either a file (-f) or a folder (-D)");
    }
    const bool sized = options.size_bytes > 0 || (!is_write(options.type) && !job.file.empty());
    if (!sized) refuse("gdsio", "how large is a file to be?", "-s 1G");
  }
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view k_blank = " \t\r\n";
  const size_t first = text.find_first_not_of(k_blank);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(k_blank) - first + 1);
}

void apply_line(std::string_view line, const std::string& where, GdsioOptions& options) {
  const size_t equals = line.find('=');
  if (equals == std::string_view::npos) refuse(where, "neither [section] nor key=value");
  const std::string_view key = trimmed(line.substr(0, equals));
  const Word word{.text = trimmed(line.substr(equals + 1)), .where = where};
  const auto found = std::ranges::find_if(k_gdsio_settings, [&](const GdsioSetting& setting) {
    return !key.empty() && setting.key == key;
  });
  if (found == k_gdsio_settings.end()) {
    options.warnings.push_back(fmt::format("{}: the key '{}' is not known", where, key));
    return;
  }
  GdsioJob outside;
  found->apply(options, options.jobs.empty() ? outside : options.jobs.back(), word);
}

}  // namespace

const char* name_of(GdsioType type) {
  constexpr std::array k_names = {"READ", "WRITE", "RANDREAD", "RANDWRITE"};
  return k_names[static_cast<size_t>(type)];
}
const char* name_of(GdsioTransfer transfer) {
  constexpr std::array k_names = {"GPUD",           "CPUONLY", "CPU_GPU",   "CPU_ASYNC_GPU",
                                  "CPU_CACHED_GPU", "ASYNC",   "GPU_BATCH", "GPU_BATCH_STREAM"};
  return k_names[static_cast<size_t>(transfer)];
}

GdsioOptions parse_gdsio(std::span<const std::string> words) {
  if (words.size() == 1 && !words[0].starts_with('-')) {
    const auto bytes = read_file(real_files(), words[0], k_config_bytes_max);
    return parse_gdsio_config({reinterpret_cast<const char*>(bytes.data()), bytes.size()},
                              words[0]);
  }
  GdsioOptions options;
  GdsioJob job;
  for (size_t index = 0; index < words.size(); ++index) {
    const std::string& flag = words[index];
    const auto found = std::ranges::find_if(k_gdsio_settings, [&](const GdsioSetting& setting) {
      return setting.flag != 0 && flag.size() >= 2 && flag[0] == '-' && flag[1] == setting.flag;
    });
    if (found == k_gdsio_settings.end() || (!found->takes_value && flag.size() > 2)) {
      refuse(flag, "there is no such flag");
    }
    std::string_view value = found->takes_value ? std::string_view(flag).substr(2) : "1";
    if (value.empty()) {
      if (++index == words.size()) refuse(flag, "it wants a value");
      value = words[index];
    }
    found->apply(options, job, {.text = value, .where = flag.substr(0, 2)});
  }
  options.jobs.push_back(job);
  check(options);
  return options;
}

GdsioOptions parse_gdsio_config(std::string_view text, const std::string& name) {
  GdsioOptions options;
  for (uint64_t number = 1; !text.empty(); ++number) {
    const size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = trimmed(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.empty() || line[0] == '#' || line[0] == ';') continue;
    const std::string where = fmt::format("{} line {}", name, number);
    if (line[0] != '[') {
      apply_line(line, where, options);
    } else if (line.back() != ']') {
      refuse(where, "a section ends with ]");
    } else if (line != "[global]") {
      options.jobs.emplace_back();
    }
  }
  check(options);
  return options;
}

std::string gdsio_help() {
  std::string text =
      "headrace gdsio FLAGS, or headrace gdsio FILE.gdsio\n"
      "Takes gdsio's flags and config files and prints its result line.\n";
  for (const GdsioSetting& setting : k_gdsio_settings) {
    if (setting.flag == 0) continue;
    text += fmt::format("  -{}{}  {}\n", setting.flag, setting.takes_value ? " VALUE" : "      ",
                        setting.help);
  }
  return text +
         "Example:\n  headrace gdsio -D /data/scratch -w 4 -s 1G -i 1M -I 1 -x 1\n"
         "  headrace gdsio -D /data/scratch -w 4 -s 1G -i 1M -I 0 -x 1\n";
}

}  // namespace headrace::bench
