// The row's length is the limit of the tokenizer, which reads no further.
#include "headrace/ops/text.h"

#include <algorithm>

#include "headrace/base/check.h"
#include "headrace/base/error.h"

namespace headrace::ops {
namespace {

constexpr uint64_t k_token_count_max = uint64_t{1} << 27;
constexpr uint64_t k_text_bytes_max = uint64_t{1} << 30;

struct TextScratch final : Scratch {
  text::TokenizerScratch tokenizer;
};

void check(const TextOptions& options) {
  const auto refuse = [](std::string cause, std::string hint) {
    throw Error({.code = Code::invalid_argument,
                 .action = "cannot make rows of text",
                 .cause = std::move(cause),
                 .hint = std::move(hint)});
  };
  if (options.token_count == 0 || options.token_count > k_token_count_max) {
    refuse(fmt::format("a row has {} tokens", options.token_count),
           fmt::format("shape = [N], N from 1 to {}", k_token_count_max));
  }
  if (options.type != Type::int64 && options.type != Type::int32) {
    refuse(fmt::format("tokens cannot be {}", name_of(options.type)),
           "type = \"int64\" or \"int32\"");
  }
}

template <typename Out>
void fill(std::span<const uint32_t> ids, uint32_t padding, std::span<std::byte> row) {
  auto* out = reinterpret_cast<Out*>(row.data());
  const auto rest =
      std::ranges::transform(ids, out, [](uint32_t id) { return static_cast<Out>(id); }).out;
  std::fill(rest, out + row.size() / sizeof(Out), static_cast<Out>(padding));
}

}  // namespace

Text::Text(text::Tokenizer tokenizer, const TextOptions& options)
    : tokenizer_(std::move(tokenizer)), options_(options) {
  check(options_);
}

std::unique_ptr<Scratch> Text::make_scratch() const { return std::make_unique<TextScratch>(); }

std::expected<void, Failure> Text::run(std::span<const std::byte> bytes, const Context&,
                                       Scratch& scratch, std::span<std::byte> row) const noexcept {
  HR_CHECK(row.size() == output().row_bytes(), "row of {} bytes", row.size());
  if (bytes.size() > k_text_bytes_max) {
    return std::unexpected(Failure{"a text of more than 1 GiB", k_text_bytes_max});
  }
  // One more than fits, where that must be known.
  const uint64_t limit = options_.token_count + (options_.cut ? 0 : 1);
  const std::span<const uint32_t> ids = tokenizer_.encode(
      {reinterpret_cast<const char*>(bytes.data()), bytes.size()},
      {.add_special_tokens = options_.add_special_tokens, .token_count_max = limit},
      static_cast<TextScratch&>(scratch).tokenizer);
  if (ids.size() > options_.token_count) {
    return std::unexpected(Failure{"more tokens than the field's shape holds", bytes.size()});
  }
  if (options_.type == Type::int64) {
    fill<int64_t>(ids, options_.padding, row);
  } else {
    fill<int32_t>(ids, options_.padding, row);
  }
  return {};
}

}  // namespace headrace::ops
