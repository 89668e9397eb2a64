// md arrays on the path: are they whole, and does their layout suit large reads?
#include "headrace/base/sizes.h"
#include "headrace/doctor/checks.h"

namespace headrace::doctor {
namespace {

constexpr uint64_t k_least_chunk_bytes = uint64_t{128} << 10;
constexpr uint64_t k_largest_chunk_bytes = uint64_t{512} << 10;

std::string folder_of(const std::string& array) { return "/sys/class/block/" + array + "/md/"; }

Subjects arrays_on_path(const Host&, const Situation& situation) { return situation.path.arrays; }

Judgment judge_state(const Evidence& evidence) {
  const uint64_t missing = evidence.loaded.number.value_or(0);
  const std::string& action = evidence.loaded.text;
  if (missing > 0) {
    return {.weight = Weight::risk,
            .value = fmt::format("{} members missing", missing),
            .commands = {"mdadm --detail /dev/" + evidence.subject}};
  }
  if (!action.empty() && action != "idle") {
    return {.weight = Weight::maybe,
            .value = action,
            .why = "the array reads its disks for itself meanwhile",
            .fix = "wait for its end (cat /proc/mdstat)"};
  }
  return {.value = "whole"};
}

Judgment judge_layout(const Evidence& evidence) {
  const std::string& level = evidence.loaded.text;
  const uint64_t chunk_bytes = evidence.loaded.number.value_or(0);
  Judgment judgment{.value = chunk_bytes == 0 ? level
                                              : level + ", chunks of " + format_size(chunk_bytes)};
  const bool striped = level == "raid0" || level == "raid10" || level == "raid5" ||
                       level == "raid6" || level == "raid4";
  const bool suits = chunk_bytes >= k_least_chunk_bytes && chunk_bytes <= k_largest_chunk_bytes;
  if (!striped || !suits) judgment.weight = Weight::maybe;
  return judgment;
}

constexpr Check k_raid_checks[] = {
    {.id = "raid.state",
     .reads = "/sys/class/block/ARRAY/md/{degraded,sync_action}",
     .want = "no member missing, no resynchronization",
     .why = "what a lost member held is computed from all others at each read, and the next loss "
            "is data",
     .fix = "replace the disk: mdadm --detail ARRAY names it, mdadm --add brings a new one",
     .subjects = arrays_on_path,
     .read =
         [](const Host& host, const Situation&, const std::string& array) {
           return Reading{.text = host.text(folder_of(array) + "sync_action"),
                          .number = host.number(folder_of(array) + "degraded")};
         },
     .judge = judge_state},
    {.id = "raid.layout",
     .reads = "/sys/class/block/ARRAY/md/{level,chunk_size}",
     .want = "striped, in chunks of 128 to 512 KiB",
     .why = "a read of one block should keep several disks busy, each with a large part",
     .fix = "make the array anew (mdadm --create -l0 -c256K): this loses what is on it",
     .subjects = arrays_on_path,
     .read =
         [](const Host& host, const Situation&, const std::string& array) {
           return Reading{.text = host.text(folder_of(array) + "level"),
                          .number = host.number(folder_of(array) + "chunk_size")};
         },
     .judge = judge_layout},
};

}  // namespace

std::span<const Check> raid_checks() { return k_raid_checks; }

}  // namespace headrace::doctor
