// A field's array, opened: its elements wherever they lie, and how many there are, checked against
// what is declared. Thread safety: one owner. Invariant: once opened, only elements can be wrong.
#pragma once

#include <simdjson.h>

#include "headrace/ops/array.h"
#include "headrace/ops/array_view.h"

namespace headrace::ops {

struct ArrayScratch final : Scratch {
  simdjson::dom::parser parser;
  formats::NpyHead head;
};

struct OpenedArray {
  ArrayView view;
  simdjson::dom::element json = {};  // where view.elements are text
  bool is_lone_string = false;       // and then view.bytes are it
  uint64_t length = 0;               // of the leading dimension, cut to what is kept
  uint64_t element_count = 0;        // that are kept
};

std::expected<OpenedArray, Failure> open_array(std::span<const std::byte> bytes,
                                               const codec::Stored& stored,
                                               const ArrayOptions& options, ArrayScratch& scratch);

}  // namespace headrace::ops
