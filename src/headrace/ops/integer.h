// Decimal text ("-17", a class number, perhaps with a line's end behind it) to int64 or int32.
// Thread safety: const; no scratch. Strict: anything else is a Failure at its first wrong byte.
#pragma once

#include "headrace/ops/op.h"

namespace headrace::ops {

struct IntegerOptions {
  Type type = Type::int64;  // or int32
};

class Integer final : public Op {
 public:
  explicit Integer(const IntegerOptions& options);
  TensorSpec output() const override { return {.type = type_, .shape = {}}; }
  std::unique_ptr<Scratch> make_scratch() const override { return std::make_unique<Scratch>(); }
  std::expected<void, Failure> run(std::span<const std::byte> bytes, const Context& context,
                                   Scratch& scratch,
                                   std::span<std::byte> row) const noexcept override;

 private:
  Type type_;
};

}  // namespace headrace::ops
