// Opening shards side by side, and the arithmetic from a sample's number to its bytes.
#include "headrace/formats/shard_set.h"

#include <algorithm>
#include <functional>
#include <set>

#include "headrace/base/check.h"
#include "headrace/base/error.h"
#include "headrace/base/sizes.h"
#include "headrace/formats/side_by_side.h"
#include "headrace/formats/unpack.h"
#include "headrace/formats/unpacked_copy.h"

namespace headrace::formats {
namespace {

// With a manifest, as many indexes are opened at once: what is wrong with a small data set is said
// before a run begins, and a large one costs no more than this.
constexpr uint64_t k_opened_first = 64;
// A record's first use maps up to 64 KiB around the record and around its checksum each, an opening
// twice that more (the kernel's fault-around), so these uses are 20 MiB at most. Data sets whose
// indexes are no larger than that keep them.
constexpr uint64_t k_resident_index_bytes = uint64_t{64} << 20;
constexpr size_t k_first_uses = 64;

ShardPlace place_of_shard(const std::string& path, const OpenOptions& options) {
  const auto stat = options.files->stat(path);
  if (!stat) throw_errno(stat.error(), "cannot open shard", path);
  return {.path = path,
          .stat = *stat,
          .cache_folder = options.cache_folder,
          .salvage = options.salvage};
}

[[noreturn]] void throw_damaged_record(const ShardIndex& found) {
  throw Error({.code = Code::corrupt,
               .action = "cannot read index",
               .object = found.path,
               .cause = "the checksum of its records does not hold",
               .hint = "remove the index; it is made again when the data set is opened"});
}

[[noreturn]] void throw_unlike_manifest(const ShardPlace& place, std::string cause) {
  throw Error({.code = Code::corrupt,
               .action = "cannot read shard",
               .object = place.path,
               .cause = std::move(cause),
               .hint = "copy the shard again, or pack again"});
}

[[noreturn]] void throw_outside(const ShardPlace& place, const FieldExtent& field) {
  throw Error({.code = Code::corrupt,
               .action = "cannot read shard",
               .object = place.path,
               .offset_bytes = field.offset_bytes,
               .cause = fmt::format("its index places {} bytes there, but the shard has {}",
                                    field.length_bytes, place.stat.size_bytes),
               .hint = "remove the index; it is made again when the data set is opened"});
}

}  // namespace

std::unique_ptr<ShardSet> ShardSet::open(const ShardList& list, const OpenOptions& options) {
  auto dataset = std::make_unique<ShardSet>();
  dataset->files_ = options.files;
  dataset->format_ = list.format;
  dataset->stat_shards(list, options);
  dataset->unpack_shards(options);
  const uint64_t opened_count =
      list.manifest ? std::min<uint64_t>(list.paths.size(), k_opened_first) : list.paths.size();
  dataset->open_indexes(opened_count);
  dataset->unite_fields(list, opened_count);
  dataset->count_samples();
  if (list.manifest) dataset->class_names_ = list.manifest->class_names;
  return dataset;
}

void ShardSet::stat_shards(const ShardList& list, const OpenOptions& options) {
  shards_ = std::vector<Shard>(list.paths.size());
  side_by_side(shards_.size(), [&](uint64_t i) {
    Shard& shard = shards_[i];
    shard.place = place_of_shard(list.paths[i], options);
    shard.place.format = format_;
    if (!list.manifest) return;
    const ManifestShard& said = list.manifest->shards[i];
    const bool is_cut = shard.place.stat.size_bytes < said.size_bytes;
    if (said.size_bytes != shard.place.stat.size_bytes && !(is_cut && options.salvage)) {
      throw_unlike_manifest(shard.place, fmt::format("the manifest says {} bytes, the shard has {}",
                                                     said.size_bytes, shard.place.stat.size_bytes));
    }
    shard.sample_count = said.sample_count;
    shard.checksum = said.checksum;
  });
}

void ShardSet::unpack_shards(const OpenOptions& options) {
  if (format_->unpack == nullptr) return;
  std::mutex mutex;  // guards done_bytes and calls of on_unpack
  uint64_t done_bytes = 0, total_bytes = 0;
  for (const Shard& shard : shards_) total_bytes += shard.place.stat.size_bytes;
  const auto tell = [&](uint64_t moved_bytes) {
    const std::scoped_lock lock(mutex);
    done_bytes += moved_bytes;
    return !options.on_unpack || options.on_unpack(done_bytes, total_bytes);
  };
  const uint64_t threads = opener_count() / std::max<uint64_t>(1, shards_.size());
  side_by_side(
      shards_.size(),
      [&](uint64_t i) {
        Shard& shard = shards_[i];
        shard.path = shard.place.path;
        shard.place = readable_place(
            *files_, shard.place,
            {.threads = static_cast<uint32_t>(std::max<uint64_t>(1, threads)), .on_read = tell});
        if (shard.place.format != format_) open_index(shard);  // its bytes are in memory now
      },
      1);
  if (done_bytes > 0) let_go_of_unused(*files_, options.cache_folder, wall_now_ns());
}

void ShardSet::open_indexes(uint64_t count) {
  side_by_side(count, [&](uint64_t i) {
    if (!shards_[i].owned) open_index(shards_[i]);
  });
}

void ShardSet::open_index(const Shard& shard) const {
  shard.owned =
      std::make_unique<ShardIndex>(open_shard_index(*files_, shard.place, BodyCheck::when_used));
}

void ShardSet::unite_fields(const ShardList& list, uint64_t opened_count) {
  std::set<std::string> names;
  if (list.manifest) {
    names.insert(list.manifest->field_names.begin(), list.manifest->field_names.end());
  }
  for (const Shard& shard : std::span(shards_).first(opened_count)) {
    const auto& own = shard.owned->index.field_names();
    names.insert(own.begin(), own.end());
  }
  if (names.size() > k_field_limit) {
    throw Error({.code = Code::unsupported,
                 .action = "cannot open data set with shard",
                 .object = shards_.front().place.path,
                 .cause = fmt::format("its shards have {} different fields; the limit is {}",
                                      names.size(), k_field_limit)});
  }
  field_names_.assign(names.begin(), names.end());
  for (Shard& shard : std::span(shards_).first(opened_count)) {
    if (!list.manifest) shard.sample_count = shard.owned->index.sample_count();
    // An index that a scan made anew has no checksum, but the manifest still does: the fingerprint
    // stays the same.
    if (shard.checksum == 0) shard.checksum = shard.owned->index.facts().source_checksum;
    accept(shard);
  }
}

void ShardSet::count_samples() {
  for (const Shard& shard : shards_) {
    first_samples_.push_back(first_samples_.back() + shard.sample_count);
    size_bytes_ += shard.place.stat.size_bytes;
  }
  const uint64_t record_bytes = sizeof(uint64_t) + sizeof(FieldExtent) * field_names_.size();
  index_bytes_ = sample_count() * record_bytes;
  used_files_.reserve(index_bytes_ > k_resident_index_bytes ? k_first_uses : 0);
  shards_a_sample_ = static_cast<double>(shards_.size()) /
                     static_cast<double>(std::max<uint64_t>(1, sample_count()));
}

// The index as this data set wants it; only then may others see it.
void ShardSet::accept(const Shard& shard) const {
  ShardIndex& found = *shard.owned;
  if (found.index.sample_count() != shard.sample_count) {
    throw_unlike_manifest(shard.place, fmt::format("the manifest says {} samples, the shard has {}",
                                                   shard.sample_count, found.index.sample_count()));
  }
  if (found.index.field_names() != field_names_) {
    if (!std::ranges::includes(field_names_, found.index.field_names())) {
      throw_unlike_manifest(shard.place, "it has fields that the manifest lacks");
    }
    found.index = widened_index(*files_, shard.place, found.index, field_names_);
  }
  if (shard.place.salvage) {
    const FieldExtent behind{.offset_bytes = shard.place.stat.size_bytes, .length_bytes = 1};
    shard.owned->behind_end.assign(field_names_.size(), behind);
  }
  shard.found.store(&found, std::memory_order_release);
}

const ShardIndex& ShardSet::shard_index(uint64_t file_index) const {
  const Shard& shard = shards_[file_index];
  if (const ShardIndex* found = shard.found.load(std::memory_order_acquire)) return *found;
  const std::scoped_lock lock(mutex_);
  if (const ShardIndex* found = shard.found.load(std::memory_order_acquire)) return *found;
  open_index(shard);
  accept(shard);
  return *shard.owned;
}

const std::string& ShardSet::format() const { return format_->name; }

FileInfo ShardSet::file(uint64_t file_index) const {
  HR_CHECK(file_index < shards_.size(), "index {}, count {}", file_index, shards_.size());
  const Shard& shard = shards_[file_index];
  return {.path = shard.place.path,
          .size_bytes = shard.place.stat.size_bytes,
          .sample_count = shard.sample_count};
}

ShardSet::Place ShardSet::place_of(uint64_t sample_id) const {
  HR_CHECK(sample_id < sample_count(), "id {}, count {}", sample_id, sample_count());
  // Shards mostly have equally many samples, so that a guess is mostly right.
  auto file_index = static_cast<uint64_t>(static_cast<double>(sample_id) * shards_a_sample_);
  file_index = std::min<uint64_t>(file_index, shards_.size() - 1);
  if (sample_id < first_samples_[file_index] || sample_id >= first_samples_[file_index + 1]) {
    const auto after = std::ranges::upper_bound(first_samples_, sample_id);
    file_index = static_cast<uint64_t>(after - first_samples_.begin()) - 1;
  }
  return {file_index, sample_id - first_samples_[file_index]};
}

std::span<const FieldExtent> ShardSet::checked(const Place& place,
                                               std::span<const FieldExtent> fields) const {
  const ShardIndex& found = shard_index(place.file_index);
  if (!found.index.known_to_hold(place.sample_index)) {
    if (!found.index.holds(place.sample_index)) throw_damaged_record(found);
    note_first_use(place.file_index);
  }
  const ShardPlace& shard = shards_[place.file_index].place;
  for (const FieldExtent& field : fields) {
    if (!leaves(field, shard.stat.size_bytes)) continue;
    if (!shard.salvage) throw_outside(shard, field);
    return found.behind_end;
  }
  return fields;
}

void ShardSet::note_first_use(uint64_t file_index) const {
  if (index_bytes_ <= k_resident_index_bytes) return;
  const std::scoped_lock lock(mutex_);
  used_files_.push_back(file_index);
}

// Mapped pages count as this process's memory; of large indexes only the latest stay mapped. Before
// a look-up, since its caller has what it wants of the one before. What others still look at stays
// valid: the pages come back from the page cache.
void ShardSet::release_used() const {
  if (index_bytes_ <= k_resident_index_bytes) return;
  const std::scoped_lock lock(mutex_);
  if (used_files_.size() < k_first_uses) return;
  std::ranges::sort(used_files_);
  const auto repeated = std::ranges::unique(used_files_);
  used_files_.erase(repeated.begin(), repeated.end());
  for (const uint64_t used : used_files_) {
    shards_[used].found.load(std::memory_order_acquire)->index.release_pages();
  }
  used_files_.clear();
}

Location ShardSet::locate(uint64_t sample_id) const {
  release_used();
  const Place place = place_of(sample_id);
  const auto fields = shard_index(place.file_index).index.fields(place.sample_index);
  return {.file_index = static_cast<uint32_t>(place.file_index), .fields = checked(place, fields)};
}

void ShardSet::locate_all(std::span<const uint64_t> sample_ids,
                          std::span<Location> locations) const {
  release_used();
  for (size_t i = 0; i < sample_ids.size(); ++i) {
    const Place place = place_of(sample_ids[i]);
    const auto fields = shard_index(place.file_index).index.fields(place.sample_index);
    __builtin_prefetch(fields.data());
    __builtin_prefetch(fields.data() + fields.size());
    locations[i] = {.file_index = static_cast<uint32_t>(place.file_index), .fields = fields};
  }
  for (size_t i = 0; i < sample_ids.size(); ++i) {
    const uint64_t file_index = locations[i].file_index;
    const Place place{file_index, sample_ids[i] - first_samples_[file_index]};
    locations[i].fields = checked(place, locations[i].fields);
  }
}

std::string ShardSet::key(uint64_t sample_id) const {
  const Place place = place_of(sample_id);
  const Index& index = shard_index(place.file_index).index;
  (void)checked(place, index.fields(place.sample_index));
  return key_at(*files_, shards_[place.file_index].place,
                {.sample_index = place.sample_index,
                 .record_offset_bytes = index.record_offset_bytes(place.sample_index)});
}

std::string ShardSet::origin(uint64_t sample_id) const {
  const Place place = place_of(sample_id);
  const Shard& shard = shards_[place.file_index];
  const std::string& path = shard.path.empty() ? shard.place.path : shard.path;
  if (format_->place_of != nullptr) {
    const auto fd = files_->open(path, O_RDONLY);
    const auto stat = fd ? files_->stat(fd->get()) : std::expected<FileStat, int>(FileStat{});
    if (fd && stat) {
      const ByteSource source = file_source(*files_, fd->get(), stat->size_bytes);
      return fmt::format("{}, {}", path, format_->place_of(source, place.sample_index));
    }
  }
  if (shard.place.format == format_) return "";
  return fmt::format("{}, record {}", path, place.sample_index);
}

uint64_t ShardSet::fingerprint() const {
  Xxh3Stream hash;
  const auto add = [&](std::string_view text) { hash.update(std::as_bytes(std::span(text))); };
  for (const std::string& name : field_names_) add(name + "\n");
  for (const Shard& shard : shards_) {
    const std::string& path = shard.place.path;
    add(fmt::format("{}\n{}\n{}\n{}\n", path.substr(path.rfind('/') + 1),
                    shard.place.stat.size_bytes, shard.sample_count, shard.checksum));
  }
  return hash.digest();
}

uint64_t ShardSet::first_sample(uint64_t file_index) const {
  HR_CHECK(file_index < first_samples_.size(), "index {}", file_index);
  return first_samples_[file_index];
}

std::vector<std::string> ShardSet::notes() const {
  std::vector<std::string> notes;
  const auto is_unpacked = [&](const Shard& shard) { return shard.place.format != format_; };
  const auto unpacked = std::ranges::find_if(shards_, is_unpacked);
  if (unpacked != shards_.end()) {
    notes.push_back(fmt::format("unpacked {} of {}, the first to {}",
                                std::ranges::count_if(shards_, is_unpacked),
                                counted(shards_.size(), "file"), unpacked->place.path));
  }
  for (const Shard& shard : shards_) {
    const ShardIndex* found = shard.found.load(std::memory_order_acquire);
    if (found != nullptr && !found->note.empty()) notes.push_back(found->note);
  }
  return notes;
}

std::string key_at(Files& files, const ShardPlace& place, ScanFrom from) {
  const auto fd = files.open(place.path, O_RDONLY);
  if (!fd) return "";
  const auto stat = files.stat(fd->get());
  if (!stat) return "";
  from.cut_member = CutMember::comes_first;
  from.places_only = true;
  const auto sample =
      place.format->scan(file_source(files, fd->get(), stat->size_bytes, place.path), from)->next();
  return sample && *sample ? (*sample)->key : "";
}

}  // namespace headrace::formats
