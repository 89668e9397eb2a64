// A packed sequence of tokens to one row: ids, labels (the ids one place on), positions that begin
// anew behind each document, or where its documents end. One field each, over the same bytes.
// Thread safety: const; no scratch.
// 1. Bytes hold at least sequence + shift tokens of the source's type, else the row is a Failure.
// 2. Positions and boundaries see a document's end only by its end token, as Megatron's
//    reset_position_ids does.
#pragma once

#include "headrace/ops/op.h"

namespace headrace::ops {

enum class TokenOutput { ids, labels, positions, boundaries };

struct TokensOptions {
  TokenOutput output = TokenOutput::ids;
  Type type = Type::int64;       // or int32
  uint64_t sequence_tokens = 0;  // of a row
  uint32_t source_bytes = 2;     // of a stored token: 1, 2, 4 or 8
  bool source_is_signed = false;
  int64_t end_token = -1;           // of a document; -1 = there is none
  uint64_t boundary_count_max = 0;  // boundaries: the row's length
};

class Tokens final : public Op {
 public:
  explicit Tokens(const TokensOptions& options);  // throws Error: what is wrong with them
  // [sequence]; for boundaries [boundary_count_max]: 0, the ends of the documents (cumulative, in
  // tokens), the sequence's length, repeated to the row's end.
  TensorSpec output() const override;
  std::unique_ptr<Scratch> make_scratch() const override { return std::make_unique<Scratch>(); }
  std::expected<void, Failure> run(std::span<const std::byte> bytes, const Context& context,
                                   Scratch& scratch,
                                   std::span<std::byte> row) const noexcept override;
  // Tokens that a sample needs for all outputs: labels want one more than the sequence.
  static constexpr uint64_t k_extra_tokens = 1;

 private:
  TokensOptions options_;
};

}  // namespace headrace::ops
