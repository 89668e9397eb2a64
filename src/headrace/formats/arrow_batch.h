// One record batch of an Arrow IPC file: which bytes each row's fields are.
// Thread safety: one owner. Memory: validity, offsets and integers of a batch, or all of it where
// it is compressed. Invariants: 1. buffers lie within their message; 2. each column that makes a
// field has buffers for all rows, so that rows are no more than the file's bits.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "headrace/formats/arrow_schema.h"
#include "headrace/formats/byte_window.h"

namespace headrace::formats {

// A row's value: an extent of the column's bytes, or a number.
struct ArrowValue {
  enum class Kind { absent, number, bytes } kind = Kind::absent;
  uint64_t number = 0;
  uint64_t file_offset_bytes = 0;  // where it lies as it is
  uint64_t length_bytes = 0;
  std::span<const std::byte> bytes = {};  // where it was compressed
};

struct ArrowBatch;

struct ArrowBuffer {
  uint64_t file_offset_bytes = 0;
  uint64_t length_bytes = 0;
  std::vector<std::byte> bytes = {};  // empty unless needed here
};

class ArrowColumn {
 public:
  const std::string& name() const { return name_; }
  // Whether the buffers do for this many rows.
  bool holds(uint64_t row_count) const;
  std::expected<ArrowValue, std::string> value(uint64_t row) const;

 private:
  friend class ArrowBatchReader;
  bool is_valid(uint64_t row) const;
  std::expected<ArrowValue, std::string> bytes_at(uint64_t begin, uint64_t length_bytes) const;
  uint64_t offset_at(uint64_t row) const;

  std::string name_;
  ArrowKind kind_ = ArrowKind::none;
  uint64_t width_bytes_ = 0;  // of a value, or of an offset
  uint64_t unit_bytes_ = 1;   // what an offset counts
  bool is_signed_ = false;
  std::vector<std::shared_ptr<const ArrowBuffer>> validity_;  // its own and those of structs above
  ArrowBuffer offsets_;
  ArrowBuffer values_;
  const ArrowBatch* dictionary_ = nullptr;  // whose one column has the values
};

struct ArrowBatch {
  uint64_t row_count = 0;
  bool is_compressed = false;  // then values lie in it, and nowhere in the file
  std::vector<ArrowColumn> columns;
};

// The values of dictionaries, by number. Columns point to them, and a later message may replace
// one: entries stay where they are.
using ArrowDictionaries = std::map<int64_t, ArrowBatch>;

struct ArrowMessage {
  FlatTable batch;  // a RecordBatch
  uint64_t body_offset_bytes = 0;
  uint64_t body_bytes = 0;
};

bool is_compressed(const FlatTable& batch);
// Throws nothing; dictionaries outlive what is returned.
std::expected<ArrowBatch, ScanFailure> read_arrow_batch(const ByteSource& source,
                                                        const ArrowMessage& message,
                                                        std::span<const ArrowField> fields,
                                                        const ArrowDictionaries& dictionaries);

}  // namespace headrace::formats
