// Opening shards side by side, and the arithmetic from a sample's number to its bytes.
#include "headrace/formats/webdataset.h"

#include <algorithm>
#include <exception>
#include <set>

#include "headrace/base/check.h"
#include "headrace/base/error.h"
#include "headrace/formats/sample_key.h"
#include "headrace/formats/tar.h"

namespace headrace::formats {
namespace {

constexpr uint64_t k_checked_bodies_bytes = uint64_t{1}
                                            << 30;  // index bytes hashed at open, all together
constexpr size_t k_opener_limit = 8;                // threads

ShardPlace place_of_shard(const std::string& path, const OpenOptions& options) {
  const auto stat = options.files->stat(path);
  if (!stat) throw_errno(stat.error(), "cannot open shard", path);
  return {.path = path, .stat = *stat, .cache_folder = options.cache_folder};
}

bool leaves(const FieldExtent& field, uint64_t shard_size_bytes) {
  if (field.length_bytes == k_absent) return false;
  return field.offset_bytes > shard_size_bytes ||
         field.length_bytes > shard_size_bytes - field.offset_bytes;
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

std::unique_ptr<WebDataset> WebDataset::open(const ShardList& list, const OpenOptions& options) {
  auto dataset = std::make_unique<WebDataset>();
  dataset->files_ = options.files;
  dataset->open_shards(list, options);
  dataset->unite_fields(options);
  for (const Shard& shard : dataset->shards_) {
    dataset->first_samples_.push_back(dataset->sample_count() + shard.found.index.sample_count());
    dataset->size_bytes_ += shard.place.stat.size_bytes;
  }
  dataset->shards_a_sample_ = static_cast<double>(dataset->shards_.size()) /
                              static_cast<double>(std::max<uint64_t>(1, dataset->sample_count()));
  dataset->find_checksums(list);
  if (list.manifest) {
    dataset->check_manifest(*list.manifest);
    dataset->class_names_ = list.manifest->class_names;
  }
  return dataset;
}

void WebDataset::open_shards(const ShardList& list, const OpenOptions& options) {
  std::vector<std::optional<Shard>> slots(list.paths.size());
  std::atomic<size_t> next{0};
  std::atomic<uint64_t> index_bytes{0};
  std::mutex mutex;  // guards failure
  std::exception_ptr failure;
  const auto work = [&] {
    try {
      for (size_t i = next++; i < slots.size(); i = next++) {
        ShardPlace place = place_of_shard(list.paths[i], options);
        const bool check = index_bytes < k_checked_bodies_bytes;
        ShardIndex found =
            open_shard_index(*options.files, place, check ? BodyCheck::full : BodyCheck::skip);
        index_bytes += found.index.size_bytes();
        slots[i] = Shard{.place = std::move(place), .found = std::move(found)};
      }
    } catch (...) {
      const std::scoped_lock lock(mutex);
      if (!failure) failure = std::current_exception();
      next = slots.size();
    }
  };
  {
    std::vector<std::jthread> openers;
    const size_t count = std::min(
        {slots.size(), k_opener_limit, size_t{std::max(1U, std::thread::hardware_concurrency())}});
    for (size_t i = 1; i < count; ++i) openers.emplace_back(work);
    work();
  }
  if (failure) std::rethrow_exception(failure);
  for (auto& slot : slots) shards_.push_back(std::move(*slot));
}

void WebDataset::unite_fields(const OpenOptions& options) {
  std::set<std::string> names;
  for (const Shard& shard : shards_) {
    names.insert(shard.found.index.field_names().begin(), shard.found.index.field_names().end());
  }
  if (names.size() > k_field_limit) {
    throw Error({.code = Code::unsupported,
                 .action = "cannot open data set with shard",
                 .object = shards_.front().place.path,
                 .cause = fmt::format("its shards have {} different fields; the limit is {}",
                                      names.size(), k_field_limit)});
  }
  field_names_.assign(names.begin(), names.end());
  for (Shard& shard : shards_) {
    if (shard.found.index.field_names() == field_names_) continue;
    shard.found.index = widened_index(*options.files, shard.place, shard.found.index, field_names_);
  }
}

// An index that a scan made anew has no checksum, but the manifest still does: the fingerprint
// stays the same.
void WebDataset::find_checksums(const ShardList& list) {
  for (size_t i = 0; i < shards_.size(); ++i) {
    shards_[i].checksum = shards_[i].found.index.facts().source_checksum;
    if (shards_[i].checksum == 0 && list.manifest) {
      shards_[i].checksum = list.manifest->shards[i].checksum;
    }
  }
}

void WebDataset::check_manifest(const Manifest& manifest) const {
  for (size_t i = 0; i < shards_.size(); ++i) {
    const uint64_t size_bytes = shards_[i].place.stat.size_bytes;
    const uint64_t sample_count = shards_[i].found.index.sample_count();
    const ManifestShard& said = manifest.shards[i];
    if (said.size_bytes == size_bytes && said.sample_count == sample_count) continue;
    throw Error({.code = Code::corrupt,
                 .action = "cannot read shard",
                 .object = shards_[i].place.path,
                 .cause = fmt::format("the manifest says {} bytes and {} samples, the shard has {} "
                                      "and {}",
                                      said.size_bytes, said.sample_count, size_bytes, sample_count),
                 .hint = "copy the shard again, or pack again"});
  }
}

const std::string& WebDataset::format() const {
  static const std::string k_format = "webdataset";
  return k_format;
}

FileInfo WebDataset::file(uint64_t file_index) const {
  HR_CHECK(file_index < shards_.size(), "index {}, count {}", file_index, shards_.size());
  const Shard& shard = shards_[file_index];
  return {.path = shard.place.path,
          .size_bytes = shard.place.stat.size_bytes,
          .sample_count = shard.found.index.sample_count()};
}

WebDataset::Place WebDataset::place_of(uint64_t sample_id) const {
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

Location WebDataset::location_of(const Place& place) const {
  return {.file_index = static_cast<uint32_t>(place.file_index),
          .fields = shards_[place.file_index].found.index.fields(place.sample_index)};
}

void WebDataset::check(const Location& location) const {
  const ShardPlace& place = shards_[location.file_index].place;
  for (const FieldExtent& field : location.fields) {
    if (leaves(field, place.stat.size_bytes)) throw_outside(place, field);
  }
}

Location WebDataset::locate(uint64_t sample_id) const {
  const Location location = location_of(place_of(sample_id));
  check(location);
  return location;
}

void WebDataset::locate_all(std::span<const uint64_t> sample_ids,
                            std::span<Location> locations) const {
  for (size_t i = 0; i < sample_ids.size(); ++i) {
    locations[i] = location_of(place_of(sample_ids[i]));
    __builtin_prefetch(locations[i].fields.data());
    __builtin_prefetch(locations[i].fields.data() + locations[i].fields.size());
  }
  for (const Location& location : locations.first(sample_ids.size())) check(location);
}

std::string WebDataset::key(uint64_t sample_id) const {
  const Place place = place_of(sample_id);
  const Shard& shard = shards_[place.file_index];
  return key_at(*files_, shard.place.path,
                shard.found.index.header_offset_bytes(place.sample_index));
}

uint64_t WebDataset::fingerprint() const {
  Xxh3Stream hash;
  const auto add = [&](std::string_view text) { hash.update(std::as_bytes(std::span(text))); };
  for (const std::string& name : field_names_) add(name + "\n");
  for (const Shard& shard : shards_) {
    const std::string& path = shard.place.path;
    add(fmt::format("{}\n{}\n{}\n{}\n", path.substr(path.rfind('/') + 1),
                    shard.place.stat.size_bytes, shard.found.index.sample_count(), shard.checksum));
  }
  return hash.digest();
}

uint64_t WebDataset::first_sample(uint64_t file_index) const {
  HR_CHECK(file_index < first_samples_.size(), "index {}", file_index);
  return first_samples_[file_index];
}

std::vector<std::string> WebDataset::notes() const {
  std::vector<std::string> notes;
  for (const Shard& shard : shards_) {
    if (!shard.found.note.empty()) notes.push_back(shard.found.note);
  }
  return notes;
}

std::string key_at(Files& files, const std::string& shard_path, uint64_t header_offset_bytes) {
  const auto fd = files.open(shard_path, O_RDONLY);
  if (!fd) return "";
  const auto stat = files.stat(fd->get());
  if (!stat) return "";
  TarScanner scanner(file_source(files, fd->get(), stat->size_bytes), header_offset_bytes);
  const auto member = scanner.next();
  if (!member || !*member) return "";
  const auto name = split_name((*member)->name);
  return name ? std::string(name->key) : "";
}

}  // namespace headrace::formats
