// The columns of an Arrow IPC file, as a tree: what each needs of a batch's buffers.
// Thread safety: values. Invariant: names are names of fields, the tree is of bounded depth.
#pragma once

#include <expected>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "headrace/formats/flatbuffer.h"

namespace headrace::formats {

enum class ArrowKind {
  integer,   // fixed width, kept as a value
  boolean,   // a bit
  fixed,     // fixed width, kept as bytes
  variable,  // offsets and bytes
  list,      // offsets and a child
  fixed_list,
  structure,
  none,    // no buffers
  opaque,  // its buffers are stepped over; it makes no field
};

struct ArrowField {
  std::string name = {};
  ArrowKind kind = ArrowKind::opaque;
  uint64_t width_bytes = 0;  // of a value of fixed width; of an offset
  bool is_signed = false;
  uint64_t list_size = 0;
  size_t buffer_count = 0;                 // of its own
  std::optional<int64_t> dictionary = {};  // whose values its integers number
  std::vector<ArrowField> children = {};
};

struct ArrowSchema {
  std::vector<ArrowField> fields = {};
  std::map<int64_t, ArrowField> dictionaries = {};  // what their values are
};

// Of a Schema message's header. The error says what is wrong.
std::expected<ArrowSchema, std::string> arrow_schema(const FlatTable& schema);

}  // namespace headrace::formats
