// One pass over the shard's bytes feeds the hash of the whole and of the field that lies there; a
// second one, over headers only, compares what a scan finds with the index.
#include "headrace/formats/shard_check.h"

#include <fcntl.h>

#include <algorithm>

#include "headrace/base/error.h"
#include "headrace/formats/image_kind.h"
#include "headrace/formats/shard_set.h"
#include "headrace/formats/tar_samples.h"

namespace headrace::formats {
namespace {

constexpr size_t k_piece_bytes = size_t{1} << 20;
constexpr uint64_t k_picture_limit_bytes = uint64_t{1} << 30;  // held in memory, one a thread

bool has_bytes(const FieldExtent& extent) {
  return extent.length_bytes != k_absent && extent.length_bytes != k_inline;
}

}  // namespace

void ShardCheck::run(const std::optional<ManifestShard>& said) {
  const auto fd = files_.open(path_, O_RDONLY);
  if (!fd) return report(0, "cannot be opened: " + text_of_errno(fd.error()));
  const auto stat = files_.stat(fd->get());
  if (!stat) return report(0, "its size cannot be read: " + text_of_errno(stat.error()));
  size_bytes_ = stat->size_bytes;
  open_index(said.has_value());
  next_field();
  if (!read_all(fd->get())) return;
  compare_whole(said);
  if (index_ && !format_->in_stored_order) check_apart(fd->get());
  walk(fd->get());
}

void ShardCheck::open_index(bool must_be_there) {
  if (format_->scan == nullptr) return;  // what an index says lies in its unpacked copy
  const std::string index_path = path_ + k_index_suffix;
  auto index = Index::open(files_, index_path, BodyCheck::full);
  if (index) {
    index_ = std::move(*index);
    return;
  }
  if (index.error().kind == IndexFailure::Kind::missing && !must_be_there) return;
  hooks_.damage({.path = index_path,
                 .key = "",
                 .offset_bytes = index.error().offset_bytes,
                 .what = "the index cannot be used: " + index.error().what});
}

bool ShardCheck::read_all(int fd) {
  std::vector<std::byte> piece(k_piece_bytes);
  for (uint64_t at = 0; at < size_bytes_;) {
    const uint64_t wanted = std::min<uint64_t>(piece.size(), size_bytes_ - at);
    const auto moved = files_.read_at(fd, std::span(piece).first(wanted), at);
    const uint64_t got = moved.value_or(0);
    feed(std::span(piece).first(got), at);
    if (got < wanted) {
      report(at + got, moved ? "the file shrank while it was read"
                             : "cannot be read: " + text_of_errno(moved.error()));
      lose(at + got, at + wanted);
    }
    at += wanted;
    if (!hooks_.read(wanted)) return false;
  }
  if (field_) lose(size_bytes_, UINT64_MAX);
  return true;
}

void ShardCheck::feed(std::span<const std::byte> piece, uint64_t offset_bytes) {
  whole_.update(piece);
  const uint64_t end = offset_bytes + piece.size();
  while (field_ && field_->extent.offset_bytes < end) {
    const uint64_t field_end = field_->extent.offset_bytes + field_->extent.length_bytes;
    const uint64_t from = std::max(field_->extent.offset_bytes, offset_bytes);
    const uint64_t to = std::min(field_end, end);
    if (to > from) field_hash_->update(piece.subspan(from - offset_bytes, to - from));
    if (field_end > end) return;
    end_field();
  }
}

// Bytes that could not be read: the fields that touch them are damaged.
void ShardCheck::lose(uint64_t begin_bytes, uint64_t end_bytes) {
  whole_is_read_ = false;
  while (field_ && field_->extent.offset_bytes < end_bytes) {
    const FieldExtent& extent = field_->extent;
    if (extent.offset_bytes + extent.length_bytes > begin_bytes || extent.length_bytes == 0) {
      report(extent.offset_bytes, "a field cannot be read", key_of(field_->sample_index));
    }
    next_field();
  }
}

void ShardCheck::end_field() {
  const FieldExtent& extent = field_->extent;
  if (extent.checksum == 0) {
    ++fields_unchecked_;
  } else {
    ++fields_checked_;
    if (field_hash_->digest() != extent.checksum) {
      report(extent.offset_bytes,
             fmt::format("the checksum of a field of {} bytes differs", extent.length_bytes),
             key_of(field_->sample_index));
    }
  }
  next_field();
}

void ShardCheck::next_field() {
  const uint64_t end_of_last =
      field_ ? field_->extent.offset_bytes + field_->extent.length_bytes : 0;
  field_.reset();
  while (index_ && format_->in_stored_order && !field_) {
    while (queue_.empty() && next_sample_ < index_->sample_count()) {
      for (const FieldExtent& extent : index_->fields(next_sample_)) {
        if (has_bytes(extent)) queue_.push_back({next_sample_, extent});
      }
      std::ranges::sort(queue_, std::greater(),
                        [](const Expected& field) { return field.extent.offset_bytes; });
      ++next_sample_;
    }
    if (queue_.empty()) return;
    const Expected next = queue_.back();
    queue_.pop_back();
    const FieldExtent& extent = next.extent;
    const bool outside = extent.offset_bytes > size_bytes_ ||
                         extent.length_bytes > size_bytes_ - extent.offset_bytes;
    if (outside || extent.offset_bytes < end_of_last) {
      report(extent.offset_bytes,
             outside ? "the index places a field outside the shard" : "fields overlap");
      continue;
    }
    field_ = next;
    field_hash_.emplace();
  }
}

void ShardCheck::compare_whole(const std::optional<ManifestShard>& said) {
  const uint64_t digest = whole_.digest();
  if (index_ && index_->facts().source_size_bytes != size_bytes_) {
    report(size_bytes_, fmt::format("it has {} bytes where its index says {}", size_bytes_,
                                    index_->facts().source_size_bytes));
  } else if (said && said->size_bytes != size_bytes_) {
    report(size_bytes_, fmt::format("it has {} bytes where the manifest says {}", size_bytes_,
                                    said->size_bytes));
  } else if (!whole_is_read_) {
    return;
  } else if (index_ && index_->facts().source_checksum != 0 &&
             index_->facts().source_checksum != digest) {
    report(0, "the checksum of the whole shard differs from its index's");
  } else if (said && said->checksum != digest) {
    report(0, "the checksum of the whole shard differs from the manifest's");
  }
}

// Fields that lie in any order, or share bytes: read once more, one by one.
void ShardCheck::check_apart(int fd) {
  std::vector<std::byte> bytes;
  for (uint64_t sample = 0; sample < index_->sample_count(); ++sample) {
    for (const FieldExtent& extent : index_->fields(sample)) {
      if (!has_bytes(extent)) continue;
      if (extent.offset_bytes > size_bytes_ ||
          extent.length_bytes > size_bytes_ - extent.offset_bytes) {
        report(extent.offset_bytes, "the index places a field outside the shard");
        continue;
      }
      ++(extent.checksum == 0 ? fields_unchecked_ : fields_checked_);
      if (extent.checksum == 0) continue;
      bytes.resize(extent.length_bytes);
      const auto moved = files_.read_at(fd, bytes, extent.offset_bytes);
      if (moved.value_or(0) == bytes.size() && xxh3(bytes) == extent.checksum) continue;
      report(extent.offset_bytes,
             fmt::format("the checksum of a field of {} bytes differs", extent.length_bytes),
             key_of(sample));
    }
  }
}

void ShardCheck::walk(int fd) {
  const auto source = file_source(files_, fd, size_bytes_, path_);
  if (const auto reader = format_->unpack ? format_->unpack(source) : nullptr) {
    return read_packed(*reader);
  }
  const auto scanner = format_->scan(source, {});
  while (true) {
    const auto sample = scanner->next();
    if (!sample) return report(sample.error().offset_bytes, sample.error().what);
    if (!*sample) break;
    if (index_ && sample_count_ < index_->sample_count()) compare_sample(**sample, sample_count_);
    ++sample_count_;
    if (hooks_.picture && !check_pictures(fd, **sample)) return;
  }
  if (index_ && index_->sample_count() != sample_count_) {
    report(0, fmt::format("it has {} samples where its index has {}", sample_count_,
                          index_->sample_count()));
  }
}

// Samples that do not lie in the shard as they are: its reader compares what checksums it has.
void ShardCheck::read_packed(RecordReader& reader) {
  while (true) {
    const auto fields = reader.next();
    if (!fields) return report(fields.error().offset_bytes, fields.error().what);
    if (!*fields) return;
    const std::string key = std::to_string(sample_count_++);
    fields_unchecked_ += (*fields)->size();
    for (const FieldBytes& field : **fields) {
      if (!hooks_.picture || !is_image_field(field.name)) continue;
      ++pictures_checked_;
      if (const auto fault = hooks_.picture(field.bytes)) {
        report(reader.at_bytes(), "the picture is broken: " + fault->what, key);
      }
    }
  }
}

void ShardCheck::compare_sample(const ScannedSample& sample, uint64_t sample_index) {
  if (out_of_step_ || agrees(sample, index_->fields(sample_index))) return;
  out_of_step_ = true;
  report(sample.record_offset_bytes, "the index places the sample elsewhere", sample.key);
}

// Apart from the pass over all bytes, so that a shard without an index is checked as well. False =
// stop.
bool ShardCheck::check_pictures(int fd, const ScannedSample& sample) {
  for (const auto& [name, extent] : sample.fields) {
    if (!is_image_field(name) || extent.length_bytes == k_inline) continue;
    if (extent.length_bytes > k_picture_limit_bytes) {
      report(extent.offset_bytes,
             fmt::format("a picture of {} bytes is over the limit of {}", extent.length_bytes,
                         k_picture_limit_bytes),
             sample.key);
      continue;
    }
    std::vector<std::byte> bytes(extent.length_bytes);
    const auto moved = files_.read_at(fd, bytes, extent.offset_bytes);
    if (moved.value_or(0) < bytes.size()) continue;  // the first pass has reported it
    ++pictures_checked_;
    if (const auto fault = hooks_.picture(bytes)) {
      report(extent.offset_bytes + fault->offset_bytes, "the picture is broken: " + fault->what,
             sample.key);
    }
    if (!hooks_.read(extent.length_bytes)) return false;
  }
  return true;
}

std::string ShardCheck::key_of(uint64_t sample_index) const {
  return key_at(files_, {.path = path_, .stat = {}, .cache_folder = {}, .format = format_},
                {.sample_index = sample_index,
                 .record_offset_bytes = index_->record_offset_bytes(sample_index)});
}

void ShardCheck::report(uint64_t offset_bytes, std::string what, std::string key) {
  hooks_.damage({.path = path_,
                 .key = std::move(key),
                 .offset_bytes = offset_bytes,
                 .what = std::move(what)});
}

}  // namespace headrace::formats
