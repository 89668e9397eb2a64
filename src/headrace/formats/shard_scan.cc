// Passes over the headers: the first guesses the field names from the first sample.
#include "headrace/formats/shard_scan.h"

#include <fcntl.h>

#include <set>

#include "headrace/base/error.h"
#include "headrace/formats/byte_window.h"
#include "headrace/formats/staging.h"

namespace headrace::formats {
namespace {

using Names = std::set<std::string>;

std::vector<FieldExtent> slots_of(const ScannedSample& sample, const Names& names) {
  std::vector<FieldExtent> slots;
  auto field = sample.fields.begin();
  for (const std::string& name : names) {
    if (sample.lost) {
      slots.push_back(*sample.lost);
      continue;
    }
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

// Adds the checksums that the format itself lacks.
using FieldHash = std::function<void(ScannedSample&)>;

FieldHash hash_by(ByteSource source) {
  return [window = ByteWindow(std::move(source))](ScannedSample& sample) mutable {
    for (auto& [name, extent] : sample.fields) {
      if (extent.length_bytes == k_inline || extent.checksum != 0) continue;
      const auto bytes = window.at(extent.offset_bytes, extent.length_bytes);
      if (bytes) extent.checksum = xxh3(*bytes);
    }
  };
}

// Writes while no field name is new; a new one makes this a pass that only gathers names.
ShardScan scan_once(SampleScanner& scanner, Names& names, IndexWriter& writer,
                    const FieldHash& hash) {
  ShardScan scan{.written = true};
  while (true) {
    auto sample = scanner.next();
    if (!sample) scan.failure = sample.error();
    if (!sample || !*sample) return scan;
    if (add_names(**sample, names)) scan.written = false;
    if (names.size() > k_field_limit) {
      return {.failure = ScanFailure{
                  fmt::format("its samples have more than {} different fields", k_field_limit),
                  (*sample)->record_offset_bytes}};
    }
    if (!scan.written) continue;
    if (hash) hash(**sample);
    if ((*sample)->lost && scan.lost_count++ == 0) {
      scan.first_lost_offset_bytes = (*sample)->record_offset_bytes;
    }
    writer.append((*sample)->record_offset_bytes, slots_of(**sample, names));
  }
}

}  // namespace

ShardScan scan_shard(Files& files, const ShardPlace& place, const std::string& index_path,
                     const IndexFacts& facts) {
  const auto fd = files.open(place.path, O_RDONLY);
  if (!fd) throw_errno(fd.error(), "cannot open shard", place.path);
  const auto scanner = [&] {
    return place.format->scan(
        file_source(files, fd->get(), place.stat.size_bytes, place.path),
        {.cut_member = place.salvage ? CutMember::comes_first : CutMember::fails});
  };
  // What we wrote is hashed while the page cache has it; a foreign shard is not read for that.
  FieldHash hash;
  if (facts.source_checksum != 0) {
    hash = hash_by(file_source(files, fd->get(), place.stat.size_bytes));
  }
  Names names;
  if (const auto first = scanner()->next(); first && *first) add_names(**first, names);
  for (int pass = 0; pass < 2; ++pass) {
    const std::string staged = staging_path(index_path);
    IndexWriter writer(files, staged, {names.begin(), names.end()});
    ShardScan scan = scan_once(*scanner(), names, writer, hash);
    const bool usable = !scan.failure || (place.salvage && names.size() <= k_field_limit);
    if (!usable) return {.failure = std::move(scan.failure)};
    if (!scan.written) continue;
    IndexFacts published = facts;
    published.source_size_bytes = place.stat.size_bytes;
    writer.publish(published);
    move_into_place(files, staged, index_path);
    return scan;
  }
  return {.failure = ScanFailure{"its members changed while it was scanned", 0}};
}

}  // namespace headrace::formats
