// The index is written from memory since its width is known only at the end.
#include "headrace/pack/tar_shard_writer.h"

#include <algorithm>

#include "headrace/base/hash.h"

namespace headrace::pack {
namespace {

// A slash would make the field's name a part of the key.
std::string member_field(std::string name) {
  std::ranges::replace(name, '/', '.');
  return name;
}

}  // namespace

TarShardWriter::TarShardWriter(Files& files, std::string path)
    : files_(files),
      path_(std::move(path)),
      file_(files, path_),
      tar_([this](std::span<const std::byte> bytes) { file_.append(bytes); }) {}

void TarShardWriter::add(const std::string& key, const std::vector<SourceField>& fields) {
  const uint64_t sample_index = header_offsets_.size();
  header_offsets_.push_back(tar_.size_bytes());
  for (const SourceField& field : fields) {
    const uint64_t data_offset_bytes =
        tar_.append(key + "." + member_field(field.name), field.bytes);
    const auto number = static_cast<uint32_t>(name_numbers_.size());
    placed_.push_back(
        {.sample_index = sample_index,
         .name_number = name_numbers_.try_emplace(member_field(field.name), number).first->second,
         .extent = {.offset_bytes = data_offset_bytes,
                    .length_bytes = field.bytes.size(),
                    .checksum = xxh3(field.bytes)}});
  }
}

WrittenShard TarShardWriter::finish(uint64_t stamp) {
  tar_.finish();
  WrittenShard written{.sample_count = header_offsets_.size(),
                       .size_bytes = tar_.size_bytes(),
                       .checksum = file_.publish(),
                       .field_names = {}};
  for (const auto& entry : name_numbers_) written.field_names.push_back(entry.first);
  write_index(written, stamp);
  return written;
}

void TarShardWriter::write_index(const WrittenShard& written, uint64_t stamp) {
  std::vector<size_t> slot_of_number(name_numbers_.size());
  size_t next_slot = 0;
  for (const auto& entry : name_numbers_) slot_of_number[entry.second] = next_slot++;
  formats::IndexWriter writer(files_, path_ + formats::k_index_suffix, written.field_names);
  std::vector<formats::FieldExtent> slots(written.field_names.size());
  auto placed = placed_.begin();
  for (uint64_t sample = 0; sample < header_offsets_.size(); ++sample) {
    std::ranges::fill(slots, formats::FieldExtent{});
    for (; placed != placed_.end() && placed->sample_index == sample; ++placed) {
      slots[slot_of_number[placed->name_number]] = placed->extent;
    }
    writer.append(header_offsets_[sample], slots);
  }
  writer.publish({.source_size_bytes = written.size_bytes,
                  .source_checksum = written.checksum,
                  .stamp = stamp});
}

}  // namespace headrace::pack
