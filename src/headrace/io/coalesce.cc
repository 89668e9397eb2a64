// Greedy from the front: a run grows while the next extent is near and the whole is short enough.
#include "headrace/io/coalesce.h"

#include <algorithm>
#include <limits>

namespace headrace::io {
namespace {

// Extents come from indexes, so their ends may not exist.
bool has_end(const Extent& extent) {
  return extent.length_bytes <= std::numeric_limits<uint64_t>::max() - extent.offset_bytes;
}

bool joins(const Run& run, const Extent& next, const CoalesceLimits& limits) {
  if (next.file_index != run.file_index || !has_end(next)) return false;
  if (next.offset_bytes < run.offset_bytes) return false;
  const uint64_t end = run.offset_bytes + run.length_bytes;
  if (next.offset_bytes > end && next.offset_bytes - end > limits.gap_bytes) return false;
  const uint64_t joined_end = std::max(end, next.offset_bytes + next.length_bytes);
  return joined_end - run.offset_bytes <= limits.most_bytes;
}

}  // namespace

Run first_run(std::span<const Extent> extents, const CoalesceLimits& limits) {
  if (extents.empty()) return {};
  const Extent& first = extents.front();
  Run run{.file_index = first.file_index,
          .offset_bytes = first.offset_bytes,
          .length_bytes = first.length_bytes,
          .count = 1};
  if (!has_end(first)) return run;
  for (const Extent& next : extents.subspan(1)) {
    if (!joins(run, next, limits)) break;
    const uint64_t end =
        std::max(run.offset_bytes + run.length_bytes, next.offset_bytes + next.length_bytes);
    run.length_bytes = end - run.offset_bytes;
    ++run.count;
  }
  return run;
}

}  // namespace headrace::io
