// Field, extent, memory and file have to agree.
#include "headrace/loader/raw_rows.h"

#include <algorithm>

#include "headrace/io/ring.h"
#include "headrace/loader/wanted_bytes.h"
#include "headrace/ops/bytes.h"

namespace headrace::loader {

RawRows::RawRows(const pipeline::Plan& plan) : plan_(plan) {
  for (const pipeline::FieldPlan& field : plan.fields) {
    const bool raw =
        field.packed.empty() && dynamic_cast<const ops::Bytes*>(field.op.get()) != nullptr;
    raw_bytes_.push_back(raw ? field.row_bytes : 0);
  }
}

std::span<std::byte> RawRows::place_for(const Entry& entry, const Slot& slot,
                                        const io::File& file) const {
  for (size_t index = 0; index < raw_bytes_.size(); ++index) {
    if (!is_whole_row(index, entry, slot)) continue;
    const pipeline::FieldPlan& field = plan_.fields[index];
    const auto row = slot.bytes.subspan(field.slot_offset_bytes + entry.first_row * field.row_bytes,
                                        field.row_bytes);
    const bool aligned = reinterpret_cast<uintptr_t>(row.data()) % io::k_target_alignment == 0;
    const bool exact =
        io::target_bytes_for(file, entry.offset_bytes, entry.length_bytes) == entry.length_bytes;
    if (aligned && exact) return row;
  }
  return {};
}

bool RawRows::take_reads(io::Caching caching) const {
  return caching == io::Caching::direct && std::ranges::any_of(raw_bytes_, [](size_t bytes) {
           return bytes >= io::k_target_alignment && bytes % io::k_target_alignment == 0;
         });
}

bool RawRows::is_whole_row(size_t field_index, const Entry& entry, const Slot& slot) const {
  if (raw_bytes_[field_index] != entry.length_bytes) return false;
  const auto* extent = extent_of(plan_.fields[field_index], slot.locations[entry.first_row]);
  return extent != nullptr && extent->offset_bytes == entry.offset_bytes &&
         extent->length_bytes == entry.length_bytes;
}

}  // namespace headrace::loader
