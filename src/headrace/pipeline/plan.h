// What to do with a sample's bytes: each field's sources, its operator and its place in a batch's
// memory. Thread safety: const once compiled; operators are shared by all workers. Everything that
// changes a batch's bytes is in `hash`.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "headrace/codec/codec.h"
#include "headrace/formats/dataset.h"
#include "headrace/ops/op.h"
#include "headrace/pipeline/job.h"

namespace headrace::pipeline {

struct FieldPlan {
  std::string name = {};
  std::vector<uint32_t> sources =
      {};  // the data set's fields by preference: the first that a sample has
  // How each source is compressed; empty = none is.
  std::vector<codec::Kind> packed = {};
  // How each source holds an array; empty = none says.
  std::vector<codec::Stored> stored = {};
  // Of a sample that lacks the field; empty = it has no row. Or it is left out.
  std::vector<std::byte> missing_row = {};
  bool skips_missing = false;
  std::unique_ptr<ops::Op> op = nullptr;
  ops::TensorSpec spec = {};     // op->output()
  Place place = Place::cpu;      // who decodes or unpacks it, where the batch goes to a device
  uint32_t operator_index = 0;   // the field's own stream of draws
  size_t slot_offset_bytes = 0;  // where the field's rows begin in a slot; a multiple of 64
  size_t row_bytes = 0;
  // Rows' leading dimensions are moved together when a batch is whole, by the lengths in this field
  // of the plan, which then says where each row begins, and where the last one ends.
  uint32_t lengths_field = k_no_lengths;
  bool becomes_offsets = false;
  static constexpr uint32_t k_no_lengths = ~uint32_t{0};
  bool moves_together() const { return lengths_field != k_no_lengths; }
  // Of the batch's tensor, whose first dimension is rows, offsets, or all rows' elements.
  std::vector<uint64_t> tensor_shape(uint64_t leading) const;
};

struct Plan {
  std::vector<FieldPlan> fields = {};
  size_t slot_bytes = 0;  // of one batch
  uint64_t hash = 0;
};

// Fills in spec, row_bytes, operator_index, the offsets and slot_bytes for batches of this many
// rows.
void lay_out(Plan& plan, uint32_t batch_size);

// Finds each field in the data set, builds its operator and lays out a batch of job.batch.size.
// `hash` covers fields, operators, types, shapes and tokenizers; not the order, the batch or the
// threads. `files` hold the tokenizers.
// Throws Error: the field, what the data set has, and the nearest name.
Plan compile(const Job& job, const formats::Dataset& dataset, Files& files = real_files());

}  // namespace headrace::pipeline
