// One loop a type; what language models store, 16 and 32 bits, is widened a vector at a time.
#include "headrace/ops/tokens.h"

#include <cstring>
#include <type_traits>

#include "headrace/base/check.h"
#include "headrace/base/error.h"
#include "headrace/ops/token_kernels.h"

namespace headrace::ops {
namespace {

void check(const TokensOptions& options) {
  const auto refuse = [](std::string cause, std::string hint) {
    throw Error({.code = Code::invalid_argument,
                 .action = "cannot make rows of tokens",
                 .cause = std::move(cause),
                 .hint = std::move(hint)});
  };
  constexpr uint64_t k_most = uint64_t{1} << 27;
  if (options.sequence_tokens == 0) {
    refuse("how many tokens a sample has is not said",
           "set dataset.sequence (--sequence), for example to 4096");
  }
  if (options.sequence_tokens > k_most) {
    refuse(fmt::format("the sequence has {} tokens", options.sequence_tokens),
           fmt::format("dataset.sequence from 1 to {}", k_most));
  }
  if (options.type != Type::int64 && options.type != Type::int32) {
    refuse(fmt::format("tokens cannot be {}", name_of(options.type)),
           "type = \"int64\" or \"int32\"");
  }
  const bool wants_ends =
      options.output == TokenOutput::positions || options.output == TokenOutput::boundaries;
  if (wants_ends && options.end_token < 0) {
    refuse("documents cannot be told apart without their end token", "set end_token of the field");
  }
  if (options.output == TokenOutput::boundaries && options.boundary_count_max < 2) {
    refuse("a row of boundaries needs room for two", "set shape of the field");
  }
}

template <typename Stored>
Stored token_at(const std::byte* tokens, uint64_t index) {
  Stored token;
  std::memcpy(&token, tokens + index * sizeof token, sizeof token);
  return token;
}

template <typename Stored, typename Out>
void widen(const std::byte* tokens, uint64_t count, Out* out) {
  if constexpr (std::is_same_v<Stored, uint16_t>) {
    widen_u16(tokens, count, out);
  } else if constexpr (std::is_same_v<Stored, int32_t> && std::is_same_v<Out, int64_t>) {
    widen_i32(tokens, count, out);
  } else {
    for (uint64_t i = 0; i < count; ++i) out[i] = static_cast<Out>(token_at<Stored>(tokens, i));
  }
}

template <typename Stored, typename Out>
void number(const std::byte* tokens, uint64_t count, int64_t end_token, Out* out) {
  Out position = 0;
  for (uint64_t i = 0; i < count; ++i) {
    out[i] = position++;
    if (static_cast<int64_t>(token_at<Stored>(tokens, i)) == end_token) position = 0;
  }
}

// False when the row is too short for the sample's documents.
template <typename Stored, typename Out>
bool bound(const std::byte* tokens, const TokensOptions& options, Out* out) {
  const uint64_t count = options.sequence_tokens;
  uint64_t filled = 0;
  out[filled++] = 0;
  for (uint64_t i = 0; i + 1 < count; ++i) {
    if (static_cast<int64_t>(token_at<Stored>(tokens, i)) != options.end_token) continue;
    if (filled + 1 == options.boundary_count_max) return false;
    out[filled++] = static_cast<Out>(i + 1);
  }
  while (filled < options.boundary_count_max) out[filled++] = static_cast<Out>(count);
  return true;
}

template <typename Stored, typename Out>
bool fill(const std::byte* tokens, const TokensOptions& options, std::span<std::byte> row) {
  auto* out = reinterpret_cast<Out*>(row.data());
  switch (options.output) {
    case TokenOutput::ids:
      widen<Stored>(tokens, options.sequence_tokens, out);
      return true;
    case TokenOutput::labels:
      widen<Stored>(tokens + sizeof(Stored), options.sequence_tokens, out);
      return true;
    case TokenOutput::positions:
      number<Stored>(tokens, options.sequence_tokens, options.end_token, out);
      return true;
    case TokenOutput::boundaries:
      return bound<Stored>(tokens, options, out);
  }
  return false;
}

template <typename Stored>
bool fill_as(const std::byte* tokens, const TokensOptions& options, std::span<std::byte> row) {
  return options.type == Type::int64 ? fill<Stored, int64_t>(tokens, options, row)
                                     : fill<Stored, int32_t>(tokens, options, row);
}

bool fill_from(const std::byte* tokens, const TokensOptions& options, std::span<std::byte> row) {
  const bool is_signed = options.source_is_signed;
  switch (options.source_bytes) {
    case 1:
      return is_signed ? fill_as<int8_t>(tokens, options, row)
                       : fill_as<uint8_t>(tokens, options, row);
    case 2:
      return is_signed ? fill_as<int16_t>(tokens, options, row)
                       : fill_as<uint16_t>(tokens, options, row);
    case 4:
      return fill_as<int32_t>(tokens, options, row);
    default:
      return fill_as<int64_t>(tokens, options, row);
  }
}

}  // namespace

Tokens::Tokens(const TokensOptions& options) : options_(options) { check(options_); }

TensorSpec Tokens::output() const {
  const bool is_bounds = options_.output == TokenOutput::boundaries;
  return {.type = options_.type,
          .shape = {is_bounds ? options_.boundary_count_max : options_.sequence_tokens}};
}

std::expected<void, Failure> Tokens::run(std::span<const std::byte> bytes, const Context&, Scratch&,
                                         std::span<std::byte> row) const noexcept {
  HR_CHECK(row.size() == output().row_bytes(), "row of {} bytes", row.size());
  const uint64_t extra = options_.output == TokenOutput::labels ? k_extra_tokens : 0;
  if (bytes.size() / options_.source_bytes < options_.sequence_tokens + extra) {
    return std::unexpected(Failure{"fewer tokens than the sequence needs", bytes.size()});
  }
  if (!fill_from(bytes.data(), options_, row)) {
    return std::unexpected(Failure{"more documents in a sequence than the field's shape holds", 0});
  }
  return {};
}

}  // namespace headrace::ops
