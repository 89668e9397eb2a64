// Which bytes of a sample the plan wants, and which neighbors one read should bring together.
// Thread safety: pure functions of their arguments.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>

#include "headrace/formats/dataset.h"
#include "headrace/pipeline/plan.h"

namespace headrace::loader {

inline constexpr uint64_t k_gap_bytes_max = 16 << 10;       // neighbors this near are read as one
inline constexpr uint64_t k_coalesced_bytes_max = 1 << 20;  // larger reads gain nothing

struct Span {
  uint64_t begin_bytes = ~uint64_t{0};
  uint64_t end_bytes = 0;

  bool empty() const { return end_bytes <= begin_bytes; }
  // Grows by a neighbor that lies near behind; false where they are better read apart.
  bool join(const Span& next) {
    if (next.empty() || next.begin_bytes < end_bytes) return false;
    if (next.begin_bytes - end_bytes > k_gap_bytes_max) return false;
    if (next.end_bytes - begin_bytes > k_coalesced_bytes_max) return false;
    end_bytes = next.end_bytes;
    return true;
  }
};

// Which of the field's sources is the first that this sample has; nothing: none.
inline std::optional<size_t> source_of(const pipeline::FieldPlan& field,
                                       const formats::Location& location) {
  for (size_t i = 0; i < field.sources.size(); ++i) {
    if (location.field(field.sources[i]).length_bytes != formats::k_absent) return i;
  }
  return std::nullopt;
}

inline const formats::FieldExtent* extent_of(const pipeline::FieldPlan& field,
                                             const formats::Location& location) {
  const auto source = source_of(field, location);
  return source ? &location.field(field.sources[*source]) : nullptr;
}

// How the extent of extent_of() is compressed, and how it holds an array.
inline codec::Kind packed_kind(const pipeline::FieldPlan& field,
                               const formats::Location& location) {
  if (field.packed.empty()) return codec::Kind::none;
  return field.packed[source_of(field, location).value_or(0)];
}
inline codec::Stored stored_as(const pipeline::FieldPlan& field,
                               const formats::Location& location) {
  if (field.stored.empty()) return {};
  return field.stored[source_of(field, location).value_or(0)];
}

// From the first to the last byte that the plan's fields want of this sample.
inline Span wanted_span(const pipeline::Plan& plan, const formats::Location& location) {
  Span span;
  for (const pipeline::FieldPlan& field : plan.fields) {
    const formats::FieldExtent* extent = extent_of(field, location);
    if (extent == nullptr || extent->length_bytes == formats::k_inline) continue;
    span.begin_bytes = std::min(span.begin_bytes, extent->offset_bytes);
    span.end_bytes = std::max(span.end_bytes, extent->offset_bytes + extent->length_bytes);
  }
  return span;
}

}  // namespace headrace::loader
