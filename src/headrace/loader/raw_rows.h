// Rows that are just what lies in the file: a read may bring such a row to its place in the batch,
// without a block and a copy. Thread safety: const.
#pragma once

#include <span>
#include <vector>

#include "headrace/io/file.h"
#include "headrace/loader/core.h"

namespace headrace::loader {

class RawRows {
 public:
  explicit RawRows(const pipeline::Plan& plan);
  // Where in the slot the entry's one row lies, if a read of the entry's bytes fills exactly that
  // and brings not a byte more; else empty.
  std::span<std::byte> place_for(const Entry& entry, const Slot& slot, const io::File& file) const;

  // Whether the batches themselves are what reads write to, as far as that is known before any.
  bool take_reads(io::Caching caching) const;

 private:
  bool is_whole_row(size_t field_index, const Entry& entry, const Slot& slot) const;

  const pipeline::Plan& plan_;
  std::vector<size_t> raw_bytes_;  // a field; 0 = its row is something else than its bytes
};

}  // namespace headrace::loader
