// Finding, judging and making indexes. An index is believed when its checksums hold, the shard has
// the size that it names, and the shard's first and last sample lie where it says; headrace verify
// compares all of it.
#include "headrace/formats/shard_index.h"

#include <fmt/ranges.h>
#include <algorithm>
#include <filesystem>

#include "headrace/base/error.h"
#include "headrace/formats/shard_scan.h"
#include "headrace/formats/staging.h"

namespace headrace::formats {
namespace {

UniqueFd open_shard(Files& files, const std::string& path) {
  auto fd = files.open(path, O_RDONLY);
  if (!fd) throw_errno(fd.error(), "cannot open shard", path);
  return std::move(*fd);
}

std::string cached_path(const ShardPlace& place, std::string_view salt) {
  std::error_code ignored;
  const std::string absolute = std::filesystem::absolute(place.path, ignored).string();
  const uint64_t key = xxh3(
      fmt::format("{}\n{}\n{}\n{}", absolute, place.stat.size_bytes, place.stat.modified_ns, salt));
  return fmt::format("{}/indexes/{:016x}{}", place.cache_folder, key, k_index_suffix);
}

bool sample_lies_there(Files& files, int fd, const ShardPlace& place, const Index& index,
                       uint64_t sample_index) {
  const ScanFrom from{.sample_index = sample_index,
                      .record_offset_bytes = index.record_offset_bytes(sample_index),
                      .cut_member = CutMember::comes_first,
                      .places_only = true};
  const auto sample =
      place.format->scan(file_source(files, fd, place.stat.size_bytes, place.path), from)->next();
  return sample && *sample && agrees(**sample, index.fields(sample_index));
}

// Salvaged, an index that is whole tells best what a shard lost that was cut short.
bool is_cut(const ShardPlace& place, const Index& index) {
  return place.salvage && place.stat.size_bytes < index.facts().source_size_bytes;
}

bool is_behind_end(const ShardPlace& place, std::span<const FieldExtent> fields) {
  return std::ranges::any_of(
      fields, [&](const FieldExtent& field) { return leaves(field, place.stat.size_bytes); });
}

// "" when the index fits its shard.
std::string disagreement(Files& files, const ShardPlace& place, const Index& index) {
  const IndexFacts& facts = index.facts();
  if (facts.kind != IndexKind::shard) return "it is not the index of a shard";
  if (facts.source_size_bytes != place.stat.size_bytes && !is_cut(place, index)) {
    return fmt::format("it is for a shard of {} bytes, this one has {}", facts.source_size_bytes,
                       place.stat.size_bytes);
  }
  if (index.sample_count() == 0) return "";
  const UniqueFd fd = open_shard(files, place.path);
  for (const uint64_t sample : {uint64_t{0}, index.sample_count() - 1}) {
    if (!index.holds(sample)) return "the checksum of its records does not hold";
    if (is_cut(place, index) && is_behind_end(place, index.fields(sample))) continue;
    if (!sample_lies_there(files, fd.get(), place, index, sample)) {
      return fmt::format("sample {} does not lie where it says", sample);
    }
  }
  return "";
}

[[noreturn]] void throw_damaged(const ShardPlace& place, const ScanFailure& failure) {
  throw Error(
      {.code = Code::corrupt,
       .action = "cannot index shard",
       .object = place.path,
       .offset_bytes = failure.offset_bytes,
       .cause = failure.what,
       .hint = "copy or make the shard again, or feed and pack what it has: --on-error skip"});
}

// Returns the path at which the index now lies. Places are tried in turn: failing to write is no
// failure yet.
std::string scan_into_place(Files& files, ShardPlace place) {
  place.salvage = false;
  const auto scan_to = [&](const std::string& index_path) {
    const ShardScan scan = scan_shard(files, place, index_path);
    if (!scan.written) throw_damaged(place, *scan.failure);
    return index_path;
  };
  try {
    return scan_to(place.path + k_index_suffix);
  } catch (const Error& error) {
    if (error.code() == Code::corrupt || place.cache_folder.empty()) throw;
  }
  make_folders(files, place.cache_folder + "/indexes");
  return scan_to(cached_path(place, ""));
}

Index open_made(Files& files, const std::string& path) {
  auto index = Index::open(files, path, BodyCheck::full);
  if (index) return std::move(*index);
  throw Error({.code = Code::corrupt,
               .action = "cannot read back index",
               .object = path,
               .offset_bytes = index.error().offset_bytes,
               .cause = index.error().what});
}

struct Judged {
  IndexHealth health = IndexHealth::missing;
  std::string why = {};
  std::optional<Index> index = {};
};

Judged judge(Files& files, const ShardPlace& place, const std::string& path, BodyCheck check) {
  auto index = Index::open(files, path, check);
  if (!index) {
    const bool missing = index.error().kind == IndexFailure::Kind::missing;
    return {.health = missing ? IndexHealth::missing : IndexHealth::stale,
            .why = missing ? "" : index.error().what};
  }
  std::string why = disagreement(files, place, *index);
  if (!why.empty()) return {.health = IndexHealth::stale, .why = std::move(why)};
  return {.health = IndexHealth::present, .index = std::move(*index)};
}

ShardIndex as_it_lies(const ShardPlace& place, Index index, std::string path) {
  ShardIndex found{.index = std::move(index), .path = std::move(path)};
  if (!is_cut(place, found.index)) return found;
  found.note = fmt::format(
      "{} is cut short: it has {} bytes where its index says {}; the samples "
      "behind its end are skipped as they come",
      place.path, place.stat.size_bytes, found.index.facts().source_size_bytes);
  return found;
}

// What can still be found. Never beside the shard, where a run that salvages nothing would believe
// it, and made anew each time, since nothing else remembers what is wrong with the shard.
ShardIndex salvage(Files& files, const ShardPlace& place) {
  make_folders(files, place.cache_folder + "/indexes");
  const std::string path = cached_path(place, "salvaged");
  const ShardScan scan = scan_shard(files, place, path);
  if (!scan.written) throw_damaged(place, *scan.failure);
  ShardIndex found{.index = open_made(files, path), .path = path, .health = IndexHealth::missing};
  if (scan.lost_count > 0) {
    found.note = fmt::format(
        "{}: {} not fit its checksum, the first at byte {}; skipped as it comes", place.path,
        scan.lost_count == 1 ? "1 record does"
                             : fmt::format("each of {} records does", scan.lost_count),
        scan.first_lost_offset_bytes);
  }
  if (!scan.failure) return found;  // or a read failed a moment ago and does not now
  if (!found.note.empty()) found.note += "; ";
  found.note += fmt::format(
      "{} breaks off at byte {}: {}; of its samples, {} are known, and of what "
      "lies behind that byte nothing is",
      place.path, scan.failure->offset_bytes, scan.failure->what, found.index.sample_count());
  return found;
}

}  // namespace

const char* name_of(IndexHealth health) {
  constexpr const char* k_names[] = {"present", "missing", "stale"};
  return k_names[static_cast<int>(health)];
}

ShardIndex open_shard_index(Files& files, const ShardPlace& place, BodyCheck check) {
  const std::string beside = place.path + k_index_suffix;
  Judged found = judge(files, place, beside, check);
  if (found.index) return as_it_lies(place, std::move(*found.index), beside);
  std::string note;
  if (found.health == IndexHealth::stale) {
    note = fmt::format("{} disagrees with its shard: {}; the shard was scanned again", beside,
                       found.why);
  }
  if (!place.cache_folder.empty()) {
    const std::string cached = cached_path(place, "");
    if (Judged held = judge(files, place, cached, check); held.index) {
      return {.index = std::move(*held.index),
              .path = cached,
              .health = found.health,
              .note = std::move(note)};
    }
  }
  try {
    std::string path = scan_into_place(files, place);
    return {.index = open_made(files, path),
            .path = std::move(path),
            .health = found.health,
            .note = std::move(note)};
  } catch (const Error& error) {
    if (error.code() != Code::corrupt || !place.salvage) throw;
  }
  return salvage(files, place);
}

Index index_shard(Files& files, const ShardPlace& place, const IndexFacts& facts) {
  const std::string path = place.path + k_index_suffix;
  const ShardScan scan = scan_shard(files, place, path, facts);
  if (!scan.written) throw_damaged(place, *scan.failure);
  return open_made(files, path);
}

std::pair<IndexHealth, std::string> check_shard_index(Files& files, const ShardPlace& place,
                                                      BodyCheck check) {
  Judged found = judge(files, place, place.path + k_index_suffix, check);
  return {found.health, std::move(found.why)};
}

void write_widened(Files& files, const Index& index, const std::vector<std::string>& field_names,
                   const std::string& path) {
  IndexWriter writer(files, path, field_names);
  std::vector<FieldExtent> slots(field_names.size());
  for (uint64_t sample = 0; sample < index.sample_count(); ++sample) {
    if (!index.holds(sample)) {
      throw Error({.code = Code::corrupt,
                   .action = "cannot widen the index for",
                   .object = path,
                   .cause = "the checksum of its records does not hold",
                   .hint = "remove the shard's index; it is made again"});
    }
    std::ranges::fill(slots, FieldExtent{});
    const auto fields = index.fields(sample);
    for (size_t i = 0; i < fields.size(); ++i) {
      const auto at = std::ranges::lower_bound(field_names, index.field_names()[i]);
      slots[static_cast<size_t>(at - field_names.begin())] = fields[i];
    }
    writer.append(index.record_offset_bytes(sample), slots);
  }
  writer.publish(index.facts());
}

Index widened_index(Files& files, const ShardPlace& place, const Index& index,
                    const std::vector<std::string>& field_names) {
  const std::string salt =
      fmt::format("{}\n{}", index.body_checksum(), fmt::join(field_names, "\n"));
  const std::string path = cached_path(place, salt);
  if (auto held = Index::open(files, path, BodyCheck::full)) return std::move(*held);
  make_folders(files, place.cache_folder + "/indexes");
  const std::string staged = staging_path(path);
  write_widened(files, index, field_names, staged);
  move_into_place(files, staged, path);
  return open_made(files, path);
}

}  // namespace headrace::formats
