// The index of a file that is being written, made of what its writer knows, so that nothing is read
// back. Thread safety: RecordPlaces has one owner, CopyIndex too. Invariant: the index is byte for
// byte what a scan of the file would make, or there is none.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "headrace/formats/index.h"
#include "headrace/formats/shard_format.h"

namespace headrace::formats {

// Where the values of records that follow each other lie, from the first record's begin on.
class RecordPlaces {
 public:
  // `extents` are the fields', in their order.
  void add(uint64_t record_offset_bytes, std::span<const FieldBytes> fields,
           std::span<const FieldExtent> extents);
  void clear() { *this = {}; }

 private:
  friend class CopyIndex;
  bool has_the_names_of(std::span<const FieldBytes> fields) const;
  bool take_names(std::span<const FieldBytes> fields);  // false: no index can hold them

  bool usable_ = true;
  std::vector<std::string> names_;  // sorted, of all records so far
  std::vector<uint64_t> offsets_;   // of each record
  std::vector<FieldExtent> slots_;  // names_.size() a record
};

class CopyIndex {
 public:
  CopyIndex(Files& files, std::string path) : files_(files), path_(std::move(path)) {}
  // In the order of the file; the first record of `places` lies at `begin_bytes`.
  void add(const RecordPlaces& places, uint64_t begin_bytes);
  // Shows the index, if there is one: later records may have had other names than the first.
  void show(uint64_t file_size_bytes);

 private:
  Files& files_;
  std::string path_;
  bool given_up_ = false;
  std::vector<std::string> names_;
  std::optional<IndexWriter> writer_;
};

}  // namespace headrace::formats
