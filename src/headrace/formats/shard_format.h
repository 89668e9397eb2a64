// The seam for record formats: how one kind of file is recognized and how its samples are found.
// A scan runs once, for the index; from then on files of all kinds are read alike, straight from
// where each field's bytes lie. Thread safety: constants; a scanner has one owner.
// Invariants: 1. fields of a sample are sorted by name and differ; 2. extents lie within the file;
// 3. each step of a scan reads on, so that it ends.
#pragma once

#include <expected>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "headrace/formats/byte_source.h"
#include "headrace/formats/dataset.h"

namespace headrace::formats {

inline constexpr size_t k_field_name_limit_bytes = 255;

struct ScanFailure {
  std::string what;
  uint64_t offset_bytes = 0;
};

inline bool operator==(const FieldExtent& a, const FieldExtent& b) {
  return a.offset_bytes == b.offset_bytes && a.length_bytes == b.length_bytes &&
         a.checksum == b.checksum;
}

struct ScannedSample {
  std::string key;
  uint64_t record_offset_bytes = 0;
  std::vector<std::pair<std::string, FieldExtent>> fields;
  // Its bytes were changed, so that its fields are not known: where they lie, with a checksum that
  // they do not have, for each field to fail by when it is read.
  std::optional<FieldExtent> lost = {};
};

class SampleScanner {
 public:
  virtual ~SampleScanner() = default;
  // The next sample, or nothing at the end. Nothing more is asked after a failure.
  virtual std::expected<std::optional<ScannedSample>, ScanFailure> next() = 0;
};

// A member of a tar whose data the archive does not hold whole is a failure; or it is handed out
// first, with the size that it claims, and the failure comes behind it. So is a record that does
// not fit its checksum, or it is handed out as lost and others follow.
enum class CutMember { fails, comes_first };

// Where a scan begins: at a sample, whose record the index places there.
struct ScanFrom {
  uint64_t sample_index = 0;
  uint64_t record_offset_bytes = 0;
  CutMember cut_member = CutMember::fails;
  bool places_only = false;  // checksums are not wanted, where they cost a pass over the file
};

// A field as it is written: sorted by name within a sample.
struct FieldBytes {
  std::string_view name;
  std::span<const std::byte> bytes;
};

// Reads, front to back, a file whose fields do not lie in it as they are.
class RecordReader {
 public:
  virtual ~RecordReader() = default;
  // The next sample's fields, sorted and valid until the next call; nothing at the end. Nothing
  // more is asked after a failure.
  virtual std::expected<std::optional<std::span<const FieldBytes>>, ScanFailure> next() = 0;
  virtual uint64_t at_bytes() const = 0;  // how far into the file it is
  virtual std::string_view key() const {
    return {};
  }  // of that sample; "" = it has its number only
};

// The same file in parts that several threads read at once: a part's reader is used by another
// thread than took it, while further parts are taken.
class RecordParts {
 public:
  virtual ~RecordParts() = default;
  // The next part, in the file's order; null at the end. Nothing more is asked after a failure.
  virtual std::expected<std::unique_ptr<RecordReader>, ScanFailure> next_part() = 0;
  virtual uint64_t at_bytes() const = 0;    // how far into the file parts were taken
  virtual uint64_t part_bytes() const = 0;  // memory that the largest part takes, about
};

// Makes one shard's bytes, which depend on its samples alone. Throws Error when the format cannot
// hold a sample.
class ShardEncoder {
 public:
  using Sink = std::function<void(std::span<const std::byte>)>;
  virtual ~ShardEncoder() = default;
  virtual void append(std::span<const FieldBytes> fields) = 0;
  virtual void finish() = 0;
  virtual uint64_t size_bytes() const = 0;  // so far
};

struct Manifest;

struct ShardFormat {
  std::string name;
  std::string suffix;                            // of files that we write
  bool (*has_name)(std::string_view file_name);  // so that a folder's files of this kind are found
  bool (*begins)(const ByteSource& source);      // by its bytes; a file's name is not believed
  // Null: always unpacked.
  std::unique_ptr<SampleScanner> (*scan)(ByteSource source, ScanFrom from);
  // Null: it is read only, or (tar) written by a writer of its own.
  std::unique_ptr<ShardEncoder> (*encode)(ShardEncoder::Sink sink) = nullptr;
  // Writes what the format's own readers want beside the shards of a folder; null: nothing.
  void (*describe_folder)(Files& files, const std::string& folder,
                          const Manifest& manifest) = nullptr;
  // Null, or gives null: fields lie in the file as they are. Else they are unpacked (unpack.h).
  std::unique_ptr<RecordReader> (*unpack)(ByteSource source) = nullptr;
  // The same for several threads; null: there is one part, which unpack() reads. What is wrong with
  // a file is always said by unpack().
  std::unique_ptr<RecordParts> (*parts)(ByteSource source) = nullptr;
  // Fields lie in the order of samples, and no two share bytes.
  bool in_stored_order = true;
  // A folder's files go by the numbers in their names: chunk-0-9 before chunk-0-10.
  bool by_numbers = false;
  // Null: a byte offset says it. Else what people call a sample's place: "row group 3, row 17".
  std::string (*place_of)(const ByteSource& source, uint64_t sample_index) = nullptr;
  // They are the data set only where neither folders nor pictures lie beside them: a folder of
  // pictures may well hold an array of means.
  bool only_alone = false;
};

// The kind of file by its bytes or by its name, or null.
const ShardFormat* recognize(const ByteSource& source);
const ShardFormat* named_format(std::string_view file_name);
// In the order in which a folder is searched for them.
std::span<const ShardFormat* const> shard_formats();

// The number that a label's field ("cls", "class", "label", "index", "id") holds as decimal text;
// nothing for other fields and other text. Formats with types write it as an integer.
std::optional<int64_t> label_value(const FieldBytes& field);
// Keeps fields sorted; false when the sample has one of this name already.
bool insert_field(ScannedSample& sample, std::string_view name, const FieldExtent& extent);
// Each of the sample's fields is in the index's record as scanned; the record may have more slots.
bool agrees(const ScannedSample& sample, std::span<const FieldExtent> record);
// Reads all of `target` or says why not.
std::expected<void, ScanFailure> read_fully(const ByteSource& source, std::span<std::byte> target,
                                            uint64_t offset_bytes);

}  // namespace headrace::formats
