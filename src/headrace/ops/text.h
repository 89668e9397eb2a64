// Text to a row of token ids: cut to the row's length, filled up with padding.
// Thread safety: const; the tokenizer's scratch (4 MiB of words seen lately) is the worker's.
#pragma once

#include "headrace/ops/op.h"
#include "headrace/text/tokenizer.h"

namespace headrace::ops {

struct TextOptions {
  uint64_t token_count = 0;  // of a row
  Type type = Type::int64;   // or int32
  uint32_t padding = 0;      // the id behind a text that is shorter
  bool add_special_tokens = true;
  bool cut = true;  // a longer text; otherwise it is a Failure
};

class Text final : public Op {
 public:
  // Throws Error: what is wrong with the options.
  Text(text::Tokenizer tokenizer, const TextOptions& options);
  TensorSpec output() const override {
    return {.type = options_.type, .shape = {options_.token_count}};
  }
  std::unique_ptr<Scratch> make_scratch() const override;
  std::expected<void, Failure> run(std::span<const std::byte> bytes, const Context& context,
                                   Scratch& scratch,
                                   std::span<std::byte> row) const noexcept override;

 private:
  text::Tokenizer tokenizer_;
  TextOptions options_;
};

}  // namespace headrace::ops
