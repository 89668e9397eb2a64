// The settings are those of fio's own peak-rate tool where an ordinary job can have them.
#include "headrace/bench/fio.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <nlohmann/json.hpp>

#include "headrace/base/error.h"
#include "headrace/bench/child.h"

namespace headrace::bench {
namespace {

// A colon separates files in fio's list of them.
std::string escaped(const std::string& path) {
  std::string text;
  for (const char letter : path) {
    if (letter == ':' || letter == '\\') text += '\\';
    text += letter;
  }
  return text;
}

std::string output_of(const std::vector<std::string>& words) {
  const auto result = run_child(words);
  if (!result && result.error() == ENOENT) {
    throw Error({.code = Code::invalid_argument,
                 .action = "cannot compare with fio",
                 .cause = "it is not installed",
                 .hint = "apt-get install fio"});
  }
  if (!result) throw_errno(result.error(), "cannot start", "fio");
  if (result->exit_code == 0) return result->output;
  throw Error({.code = result->exit_code == 130 ? Code::interrupted : Code::io,
               .action = "fio failed",
               .cause = result->errors.empty() ? fmt::format("exit code {}", result->exit_code)
                                               : result->errors.substr(0, 500)});
}

}  // namespace

std::vector<std::string> fio_words(const FioJob& job) {
  const Setting& setting = job.setting;
  const bool ring = setting.engine == "uring";
  std::vector<std::string> words = {
      "fio",
      "--name=headrace",
      "--filename=" + escaped(job.path),
      "--readonly",
      setting.pattern == Pattern::random ? "--rw=randread" : "--rw=read",
      fmt::format("--ioengine={}", ring ? "io_uring" : "psync"),
      fmt::format("--direct={}", setting.direct ? 1 : 0),
      fmt::format("--bs={}", setting.block_bytes),
      fmt::format("--iodepth={}", setting.depth),
      fmt::format("--numjobs={}", setting.threads),
      "--time_based",
      fmt::format("--runtime={}ms", std::max(1, static_cast<int>(job.run_s * 1e3))),
      "--thread",
      "--group_reporting",
      "--norandommap",
      "--randrepeat=0",
      "--gtod_reduce=1",
      "--output-format=json"};
  if (job.huge_pages) words.push_back("--mem=mmaphuge");
  if (ring) {
    words.push_back(fmt::format("--iodepth_batch_submit={}", std::min(16u, setting.depth)));
    words.push_back(
        fmt::format("--iodepth_batch_complete_min={}", std::clamp(setting.depth / 4, 1u, 8u)));
    if (setting.direct) words.insert(words.end(), {"--fixedbufs", "--registerfiles"});
  }
  return words;
}

bool huge_pages_for(const Setting& setting, std::string_view meminfo) {
  constexpr std::string_view k_key = "HugePages_Free:";
  constexpr uint64_t k_page_bytes = uint64_t{2} << 20;
  const size_t found = meminfo.find(k_key);
  if (found == std::string_view::npos) return false;
  const std::string rest(meminfo.substr(found + k_key.size(), 30));
  const uint64_t free_bytes = std::strtoull(rest.c_str(), nullptr, 10) * k_page_bytes;
  const uint64_t each_bytes = setting.block_bytes * setting.depth + k_page_bytes;
  return free_bytes >= 2 * each_bytes * setting.threads;
}

Sample fio_sample(std::string_view json, uint32_t threads) {
  // fio prints warnings before its document.
  const size_t begin = std::min(json.find('{'), json.size());
  const auto document = nlohmann::json::parse(json.substr(begin), nullptr, false);
  try {
    const nlohmann::json& job = document.at("jobs").at(0);
    const nlohmann::json& read = job.at("read");
    const double wall_s = read.at("runtime").get<double>() * 1e-3;
    const double busy_percent = job.at("usr_cpu").get<double>() + job.at("sys_cpu").get<double>();
    const Sample sample{.items = read.at("io_bytes").get<double>(),
                        .wall_s = wall_s,
                        .cpu_s = busy_percent / 100 * wall_s * threads};
    if (sample.items > 0 && sample.wall_s > 0) return sample;
  } catch (const nlohmann::json::exception&) {
  }
  throw Error({.action = "cannot read the figures of fio",
               .cause = "it printed: " + std::string(json.substr(0, 200))});
}

Sample run_fio(const FioJob& job) {
  return fio_sample(output_of(fio_words(job)), job.setting.threads);
}

std::string fio_version() {
  std::string version = output_of({"fio", "--version"});
  while (!version.empty() && version.back() == '\n') version.pop_back();
  return version;
}

}  // namespace headrace::bench
