// Passes over the headers: the first guesses the field names from the first sample.
#include "headrace/formats/shard_scan.h"

#include <fcntl.h>

#include <set>

#include "headrace/base/error.h"
#include "headrace/formats/sample_scan.h"
#include "headrace/formats/staging.h"

namespace headrace::formats {
namespace {

using Names = std::set<std::string>;

std::vector<FieldExtent> slots_of(const ScannedSample& sample, const Names& names) {
  std::vector<FieldExtent> slots;
  auto field = sample.fields.begin();
  for (const std::string& name : names) {
    const bool here = field != sample.fields.end() && field->first == name;
    slots.push_back(here ? (field++)->second : FieldExtent{});
  }
  return slots;
}

bool add_names(const ScannedSample& sample, Names& names) {
  const size_t before = names.size();
  for (const auto& field : sample.fields) names.insert(field.first);
  return names.size() != before;
}

// Writes while no field name is new; a new one makes this a pass that only gathers names.
ShardScan scan_once(SampleScanner scanner, Names& names, IndexWriter& writer) {
  ShardScan scan{.written = true};
  while (true) {
    const auto sample = scanner.next();
    if (!sample) scan.failure = sample.error();
    if (!sample || !*sample) return scan;
    if (add_names(**sample, names)) scan.written = false;
    if (names.size() > k_field_limit) {
      return {.failure = TarFailure{
                  fmt::format("its samples have more than {} different fields", k_field_limit),
                  (*sample)->header_offset_bytes}};
    }
    if (scan.written) writer.append((*sample)->header_offset_bytes, slots_of(**sample, names));
  }
}

}  // namespace

ShardScan scan_shard(Files& files, const ShardPlace& place, const std::string& index_path) {
  const auto fd = files.open(place.path, O_RDONLY);
  if (!fd) throw_errno(fd.error(), "cannot open shard", place.path);
  const auto scanner = [&] {
    return SampleScanner(file_source(files, fd->get(), place.stat.size_bytes),
                         place.salvage ? CutMember::comes_first : CutMember::fails);
  };
  Names names;
  if (const auto first = scanner().next(); first && *first) add_names(**first, names);
  for (int pass = 0; pass < 2; ++pass) {
    const std::string staged = staging_path(index_path);
    IndexWriter writer(files, staged, {names.begin(), names.end()});
    ShardScan scan = scan_once(scanner(), names, writer);
    const bool usable = !scan.failure || (place.salvage && names.size() <= k_field_limit);
    if (!usable) return {.failure = std::move(scan.failure)};
    if (!scan.written) continue;
    writer.publish({.source_size_bytes = place.stat.size_bytes});
    move_into_place(files, staged, index_path);
    return scan;
  }
  return {.failure = TarFailure{"its members changed while it was scanned", 0}};
}

}  // namespace headrace::formats
