// What turns one field's bytes into its row of the batch. The pipeline compiles a field's chain to
// one Op. Thread safety: an Op is const and shared by all workers; what it reuses from sample to
// sample is in Scratch, one a worker. Nothing here throws or allocates after the first samples of
// the largest size.
#pragma once

#include <cstdint>
#include <expected>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "headrace/base/laps.h"
#include "headrace/base/random.h"
#include "headrace/codec/elements.h"
#include "headrace/observe/stage.h"
#include "headrace/observe/trace.h"

namespace headrace::ops {

enum class Type { uint8, int32, int64, float16, bfloat16, float32 };
size_t size_of(Type type);
const char* name_of(Type type);
const char* numpy_name_of(Type type);  // "<f4"; null for bfloat16, which NumPy does not have

// One sample's share of a tensor: the batch adds the leading dimension.
struct TensorSpec {
  Type type = Type::uint8;
  std::vector<uint64_t> shape;  // empty = a scalar
  size_t row_bytes() const;
};

// Why a sample could not be made; `what` is a literal, `offset_bytes` counts from the field's first
// byte.
struct Failure {
  const char* what = "";
  uint64_t offset_bytes = 0;
  bool is_missing = false;  // nothing is wrong: there is no value
};

class Scratch {
 public:
  virtual ~Scratch() = default;
};

// What is known of the sample besides the field's bytes; draw.operator_index is set by the plan,
// one a field.
struct Context {
  DrawKey draw;
  observe::StageTimes* times = nullptr;  // the worker's own; decode and resize record here
  Laps* laps = nullptr;                  // likewise, where somebody wants a profile
  observe::Tracer tracer = {};           // likewise, for a trace
  codec::Stored stored = {};             // how the bytes hold an array
};

class Op {
 public:
  virtual ~Op() = default;
  virtual TensorSpec output() const = 0;
  virtual std::unique_ptr<Scratch> make_scratch() const = 0;
  // Writes exactly output().row_bytes() to `row`.
  virtual std::expected<void, Failure> run(std::span<const std::byte> bytes, const Context& context,
                                           Scratch& scratch,
                                           std::span<std::byte> row) const noexcept = 0;
};

}  // namespace headrace::ops
