// One pass over the index; medians come from a histogram of 64 steps an octave.
#include "headrace/formats/inspect.h"

#include <fcntl.h>

#include <algorithm>
#include <bit>

#include "headrace/base/error.h"
#include "headrace/formats/copies.h"
#include "headrace/formats/image_kind.h"
#include "headrace/formats/joined_dataset.h"
#include "headrace/formats/shard_set.h"

namespace headrace::formats {
namespace {

constexpr unsigned k_step_bits = 6;
constexpr size_t k_step_count = size_t{1} << k_step_bits;
constexpr uint64_t k_peek_bytes = 64 * 1024;  // enough to find how nearly all JPEGs are coded

unsigned octave_of(uint64_t size_bytes) {
  return static_cast<unsigned>(std::bit_width(std::max<uint64_t>(size_bytes, 1)) - 1);
}

class SizeCounts {
 public:
  void add(uint64_t size_bytes) {
    const unsigned octave = octave_of(size_bytes);
    const uint64_t within = size_bytes - (uint64_t{1} << octave);
    const unsigned step = octave >= k_step_bits
                              ? static_cast<unsigned>(within >> (octave - k_step_bits))
                              : static_cast<unsigned>(within << (k_step_bits - octave));
    if (size_bytes > 0) ++counts_[octave][step];
    if (size_bytes == 0) ++zero_count_;
  }
  // The lower bound of the step that holds the middle value.
  uint64_t median(uint64_t total_count) const {
    uint64_t seen = zero_count_;
    if (seen > total_count / 2) return 0;
    for (unsigned octave = 0; octave < counts_.size(); ++octave) {
      for (unsigned step = 0; step < counts_[octave].size(); ++step) {
        seen += counts_[octave][step];
        if (seen <= total_count / 2) continue;
        const uint64_t base = uint64_t{1} << octave;
        return octave >= k_step_bits ? base + (uint64_t{step} << (octave - k_step_bits))
                                     : base + (step >> (k_step_bits - octave));
      }
    }
    return 0;
  }

 private:
  std::vector<std::array<uint64_t, k_step_count>> counts_{64};
  uint64_t zero_count_ = 0;
};

void count_field(FieldFacts& facts, SizeCounts& sizes, const FieldExtent& extent) {
  if (extent.length_bytes == k_absent) return;
  ++facts.sample_count;
  if (extent.length_bytes == k_inline) {
    facts.is_inline = true;
    return;
  }
  const uint64_t size = extent.length_bytes;
  facts.min_bytes = facts.sample_count == 1 ? size : std::min(facts.min_bytes, size);
  facts.max_bytes = std::max(facts.max_bytes, size);
  facts.total_bytes += size;
  ++facts.histogram[octave_of(size)];
  sizes.add(size);
}

std::vector<FieldFacts> field_facts(const Dataset& dataset) {
  std::vector<FieldFacts> facts;
  for (const std::string& name : dataset.field_names()) facts.push_back({.name = name});
  std::vector<SizeCounts> sizes(facts.size());
  for (uint64_t id = 0; id < dataset.sample_count(); ++id) {
    const Location location = dataset.locate(id);
    for (size_t i = 0; i < facts.size(); ++i) count_field(facts[i], sizes[i], location.field(i));
  }
  for (size_t i = 0; i < facts.size(); ++i) {
    if (facts[i].sample_count == 0 || facts[i].is_inline) continue;
    facts[i].mean_bytes = facts[i].total_bytes / facts[i].sample_count;
    facts[i].median_bytes =
        std::clamp(sizes[i].median(facts[i].sample_count), facts[i].min_bytes, facts[i].max_bytes);
  }
  return facts;
}

void add_shards(const Dataset& any, std::vector<ShardFacts>& facts) {
  if (const auto* joined = dynamic_cast<const JoinedDataset*>(&any)) {
    for (size_t i = 0; i < joined->part_count(); ++i) add_shards(joined->part(i), facts);
  }
  const auto* shards = dynamic_cast<const ShardSet*>(&any);
  for (uint64_t i = 0; shards != nullptr && i < shards->file_count(); ++i) {
    const FileInfo file = shards->file(i);
    const ShardIndex& found = shards->shard_index(i);
    facts.push_back({.path = file.path,
                     .size_bytes = file.size_bytes,
                     .sample_count = file.sample_count,
                     .health = found.health,
                     .has_checksum = found.index.facts().source_checksum != 0,
                     .note = found.note});
  }
}

// The start of a field; empty when it cannot be read.
std::vector<std::byte> peek(Files& files, const std::string& path, const FieldExtent& extent) {
  std::vector<std::byte> bytes(std::min(extent.length_bytes, k_peek_bytes));
  const auto fd = files.open(path, O_RDONLY);
  const auto moved = fd ? files.read_at(fd->get(), bytes, extent.offset_bytes)
                        : OrErrno<size_t>(std::unexpected(fd.error()));
  bytes.resize(moved.value_or(0));
  return bytes;
}

bool names_image(std::string_view field_name) {
  return is_image_field(field_name) || may_be_image_field(field_name);
}

void sample_images(const Dataset& dataset, const InspectOptions& options, DatasetFacts& facts) {
  const uint64_t count = std::min(options.image_sample_count, dataset.sample_count());
  for (uint64_t i = 0; i < count; ++i) {
    const uint64_t id = dataset.sample_count() / count * i;
    const Location location = dataset.locate(id);
    for (size_t f = 0; f < dataset.field_names().size(); ++f) {
      const FieldExtent& extent = location.field(f);
      const bool has_bytes = extent.length_bytes != k_absent && extent.length_bytes != k_inline;
      if (!has_bytes || !names_image(dataset.field_names()[f])) continue;
      const auto bytes = peek(*options.open.files, dataset.file(location.file_index).path, extent);
      ++facts.image_kinds[describe_image(bytes)];
      ++facts.images_sampled;
    }
  }
}

}  // namespace

DatasetFacts inspect(const std::vector<std::string>& paths, const InspectOptions& options) {
  const auto dataset = open_all(paths, options.open);
  DatasetFacts facts{.format = dataset->format(),
                     .sample_count = dataset->sample_count(),
                     .file_count = dataset->file_count(),
                     .size_bytes = dataset->size_bytes(),
                     .fields = field_facts(*dataset),
                     .shards = {},
                     .class_names = dataset->class_names(),
                     .image_kinds = {}};
  if (paths.size() == 1) facts.copy_count = copy_count(*options.open.files, paths.front());
  add_shards(*dataset, facts.shards);
  sample_images(*dataset, options, facts);
  return facts;
}

}  // namespace headrace::formats
