// Arrays of numbers (or of byte strings) whatever a data set stores them as, checked against what
// is declared: type, shape, and how long a leading dimension may be that differs from sample to
// sample. Thread safety: const; a parser of JSON is the worker's.
// 1. An element that the type cannot hold is a Failure, never another number (element_cast.h).
// 2. Behind a list that is shorter the row holds `fill`; its length is ArrayLength's row.
// 3. A flat list fills the shape's dimensions in turn; a nested one must have them.
#pragma once

#include <optional>
#include <string>

#include "headrace/ops/op.h"

namespace headrace::ops {

struct ArrayOptions {
  Type type = Type::float32;
  std::vector<uint64_t> shape = {};         // of a sample, or behind the leading dimension
  std::optional<uint64_t> length_max = {};  // of a leading dimension that differs
  bool of_strings = false;  // the last dimension holds a string's bytes, zeros behind them
  bool cut = true;          // a longer list or string; otherwise it is a Failure
  double fill = 0;
  bool fills_nulls = false;  // an element that is null is `fill`; otherwise the sample lacks it
  std::string member = {};   // of a JSON object, with dots between; "" = the value itself
};

class Array final : public Op {
 public:
  explicit Array(ArrayOptions options);  // throws Error: what is wrong with them
  TensorSpec output() const override;
  std::unique_ptr<Scratch> make_scratch() const override;
  std::expected<void, Failure> run(std::span<const std::byte> bytes, const Context& context,
                                   Scratch& scratch,
                                   std::span<std::byte> row) const noexcept override;
  void fill(std::span<std::byte> row) const;  // all of it

 private:
  ArrayOptions options_;
};

// How long the leading dimension of Array's row is, as int64.
class ArrayLength final : public Op {
 public:
  explicit ArrayLength(ArrayOptions options) : options_(std::move(options)) {}
  TensorSpec output() const override { return {.type = Type::int64, .shape = {}}; }
  std::unique_ptr<Scratch> make_scratch() const override;
  std::expected<void, Failure> run(std::span<const std::byte> bytes, const Context& context,
                                   Scratch& scratch,
                                   std::span<std::byte> row) const noexcept override;

 private:
  ArrayOptions options_;
};

}  // namespace headrace::ops
