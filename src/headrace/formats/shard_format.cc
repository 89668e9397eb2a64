// Which formats there are, and what their scanners share.
#include "headrace/formats/shard_format.h"

#include <algorithm>
#include <charconv>

#include "headrace/base/error.h"
#include "headrace/formats/arrow.h"
#include "headrace/formats/beton.h"
#include "headrace/formats/jsonl.h"
#include "headrace/formats/litdata.h"
#include "headrace/formats/lmdb.h"
#include "headrace/formats/mds.h"
#include "headrace/formats/npy_rows.h"
#include "headrace/formats/npz.h"
#include "headrace/formats/packed_tar.h"
#include "headrace/formats/parquet.h"
#include "headrace/formats/safetensors.h"
#include "headrace/formats/sqlite.h"
#include "headrace/formats/tar_samples.h"
#include "headrace/formats/tfrecord.h"

namespace headrace::formats {

std::span<const ShardFormat* const> shard_formats() {
  static constexpr const ShardFormat* k_all[] = {
      &k_tar_format,         &k_packed_tar_format, &k_tfrecord_format, &k_mds_format,
      &k_beton_format,       &k_parquet_format,    &k_jsonl_format,    &k_npz_format,
      &k_npy_format,         &k_npy_file_format,   &k_litdata_format,  &k_lmdb_format,
      &k_safetensors_format, &k_arrow_format,      &k_sqlite_format};
  return k_all;
}

const ShardFormat* recognize(const ByteSource& source) {
  for (const ShardFormat* format : shard_formats()) {
    if (format->begins(source)) return format;
  }
  return nullptr;
}

const ShardFormat* named_format(std::string_view file_name) {
  for (const ShardFormat* format : shard_formats()) {
    if (format->has_name(file_name)) return format;
  }
  return nullptr;
}

std::optional<int64_t> label_value(const FieldBytes& field) {
  constexpr std::string_view k_labels[] = {"cls", "cls2", "class", "label", "index", "inx", "id"};
  if (std::ranges::find(k_labels, field.name) == std::end(k_labels)) return std::nullopt;
  std::string_view text(reinterpret_cast<const char*>(field.bytes.data()), field.bytes.size());
  if (text.ends_with('\n')) text.remove_suffix(1);
  if (text.ends_with('\r')) text.remove_suffix(1);
  int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  // "007" is a name, and stays one.
  return std::to_string(value) == text ? std::optional(value) : std::nullopt;
}

bool insert_field(ScannedSample& sample, std::string_view name, const FieldExtent& extent) {
  const auto at = std::ranges::lower_bound(sample.fields, name, {},
                                           [](const auto& field) { return field.first; });
  if (at != sample.fields.end() && at->first == name) return false;
  sample.fields.insert(at, {std::string(name), extent});
  return true;
}

bool agrees(const ScannedSample& sample, std::span<const FieldExtent> record) {
  const auto same = [](const FieldExtent& a, const FieldExtent& b) {
    const bool other_bytes = a.checksum != 0 && b.checksum != 0 && a.checksum != b.checksum;
    return a.offset_bytes == b.offset_bytes && a.length_bytes == b.length_bytes && !other_bytes;
  };
  return std::ranges::all_of(sample.fields, [&](const auto& field) {
    return std::ranges::any_of(
        record, [&](const FieldExtent& extent) { return same(field.second, extent); });
  });
}

std::expected<void, ScanFailure> read_fully(const ByteSource& source, std::span<std::byte> target,
                                            uint64_t offset_bytes) {
  const auto moved = source.read_at(target, offset_bytes);
  if (!moved) {
    return std::unexpected(
        ScanFailure{"cannot be read: " + text_of_errno(moved.error()), offset_bytes});
  }
  if (*moved == target.size()) return {};
  return std::unexpected(ScanFailure{"the file shrank while it was read", offset_bytes + *moved});
}

}  // namespace headrace::formats
