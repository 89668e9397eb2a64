// A Lustre mount (FSx for Lustre too): striping of the largest file, and the client's request
// limits.
#include "headrace/base/shell_word.h"
#include "headrace/base/sizes.h"
#include "headrace/doctor/checks.h"
#include "headrace/doctor/lustre_layout.h"

namespace headrace::doctor {
namespace {

constexpr uint64_t k_large_file_bytes = uint64_t{1} << 30;
// NVIDIA's sample settings for EXAScaler (GPUDirect Storage documentation).
constexpr uint64_t k_pages = 4096;
constexpr uint64_t k_requests = 32;

Subjects lustre_mount(const Host&, const Situation& situation) {
  return situation.path.is_on("lustre") ? Subjects{""} : Subjects{};
}

Subjects lustre_with_files(const Host& host, const Situation& situation) {
  return situation.sample.files.empty() ? Subjects{} : lustre_mount(host, situation);
}

// Old clients have these under /proc, newer ones under /sys.
std::string targets_folder(const Host& host) {
  for (const char* folder : {"/sys/fs/lustre/osc", "/proc/fs/lustre/osc"}) {
    if (!host.names(folder).empty()) return folder;
  }
  return {};
}

Reading read_layout(const Host& host, const Situation& situation, const std::string&) {
  const SampleFile& largest = situation.sample.files.front();
  const auto bytes = host.kernel().attribute(largest.path, "lustre.lov");
  return {.text = bytes ? *bytes : "", .number = largest.size_bytes};
}

Judgment judge_layout(const Evidence& evidence) {
  const auto layout = parse_lustre_layout(evidence.loaded.text);
  if (!layout) return {.value = "not told"};
  if (layout->composite) return {.value = "progressive"};
  const uint64_t size_bytes = evidence.loaded.number.value_or(0);
  Judgment judgment{.value =
                        fmt::format("{} stripes of {} for a file of {}", layout->stripe_count,
                                    format_size(layout->stripe_bytes), format_size(size_bytes))};
  if (size_bytes < k_large_file_bytes || layout->stripe_count > 1) return judgment;
  judgment.weight = Weight::maybe;
  judgment.commands = {
      "lfs setstripe -c -1 -S 16M " + shell_word(evidence.situation.path.data),
      "lfs migrate -c -1 -S 16M " + shell_word(evidence.situation.sample.files.front().path)};
  return judgment;
}

// The least of a setting over all targets.
std::optional<uint64_t> least_of(const Host& host, const std::string& setting) {
  const std::string folder = targets_folder(host);
  std::optional<uint64_t> least;
  for (const std::string& target : host.names(folder)) {
    const auto value = host.number(folder + "/" + target + "/" + setting);
    if (value) least = std::min(*value, least.value_or(*value));
  }
  return least;
}

Reading read_requests(const Host& host, const Situation&, const std::string&) {
  return {.number = least_of(host, "max_pages_per_rpc"),
          .other = least_of(host, "max_rpcs_in_flight")};
}

Judgment judge_requests(const Evidence& evidence) {
  const auto pages = evidence.loaded.number;
  const auto requests = evidence.loaded.other;
  if (!pages || !requests) return {.value = "not told"};
  Judgment judgment{.value = fmt::format("{} pages a request, {} requests", *pages, *requests)};
  if (*pages >= k_pages && *requests >= k_requests) return judgment;
  judgment.weight = Weight::slows;
  judgment.commands = {fmt::format("lctl set_param osc.*.max_pages_per_rpc={}", k_pages),
                       fmt::format("lctl set_param osc.*.max_rpcs_in_flight={}", k_requests)};
  return judgment;
}

Reading read_checksums(const Host& host, const Situation&, const std::string&) {
  const std::string folder = targets_folder(host);
  for (const std::string& target : host.names(folder)) {
    const std::string value = host.text(folder + "/" + target + "/checksums");
    if (!value.empty()) return {.text = value};
  }
  return {};
}

Judgment judge_checksums(const Evidence& evidence) {
  if (evidence.loaded.text != "1") {
    return {.value = evidence.loaded.text.empty() ? "not told" : "off"};
  }
  // Headrace checks its own checksums, so that those of the wire protect nothing further.
  return {.weight = Weight::maybe, .value = "on", .commands = {"lctl set_param osc.*.checksums=0"}};
}

constexpr Check k_lustre_checks[] = {
    {.id = "lustre.stripes",
     .reads = "the lustre.lov attribute of the largest file",
     .want = "more than one stripe for files of 1 GiB or more",
     .why = "one stripe is one server, for every reader of the file",
     .fix = "lfs setstripe -c -1 -S 16M on the folder, and write or migrate the files anew",
     .subjects = lustre_with_files,
     .read = read_layout,
     .judge = judge_layout},
    {.id = "lustre.requests",
     .reads = "/sys/fs/lustre/osc/*/{max_pages_per_rpc,max_rpcs_in_flight}",
     .want = "4096 pages a request and 32 requests in flight (NVIDIA's EXAScaler settings)",
     .why = "together they are what one client has in flight at one server",
     .fix = "lctl set_param, with -P on the management server to keep it",
     .subjects = lustre_mount,
     .read = read_requests,
     .judge = judge_requests},
    {.id = "lustre.checksums",
     .reads = "/sys/fs/lustre/osc/*/checksums",
     .want = "off, where Headrace checks its own",
     .why = "each byte is summed a second time on the CPU",
     .fix = "lctl set_param osc.*.checksums=0",
     .subjects = lustre_mount,
     .read = read_checksums,
     .judge = judge_checksums},
};

}  // namespace

std::span<const Check> lustre_checks() { return k_lustre_checks; }

}  // namespace headrace::doctor
