// Raw bytes: an array of fixed shape as it lies on disk, or text padded and cut to a fixed length.
// Thread safety: const; no scratch.
#pragma once

#include "headrace/ops/op.h"

namespace headrace::ops {

struct BytesOptions {
  Type type = Type::uint8;
  std::vector<uint64_t> shape = {};  // little-endian elements, the last index fastest
  bool pad = false;     // shorter fields end in padding, longer ones are cut; otherwise both fail
  uint8_t padding = 0;  // each byte of it
};

class Bytes final : public Op {
 public:
  explicit Bytes(BytesOptions options);  // throws Error when a row would be empty or beyond 1 GiB
  TensorSpec output() const override { return {.type = options_.type, .shape = options_.shape}; }
  bool pads() const { return options_.pad; }
  std::unique_ptr<Scratch> make_scratch() const override { return std::make_unique<Scratch>(); }
  std::expected<void, Failure> run(std::span<const std::byte> bytes, const Context& context,
                                   Scratch& scratch,
                                   std::span<std::byte> row) const noexcept override;

 private:
  BytesOptions options_;
  size_t row_bytes_ = 0;
};

}  // namespace headrace::ops
