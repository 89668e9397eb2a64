// One copy into the row.
#include "headrace/ops/bytes.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "headrace/base/check.h"
#include "headrace/base/error.h"

namespace headrace::ops {
namespace {

constexpr uint64_t k_max_row_bytes = uint64_t{1} << 30;

// Cannot overflow: it stops at the limit.
size_t checked_row_bytes(const BytesOptions& options) {
  uint64_t size_bytes = size_of(options.type);
  for (const uint64_t length : options.shape) {
    const bool fits = length > 0 && length <= k_max_row_bytes / size_bytes;
    if (!fits) {
      throw Error({.code = Code::invalid_argument,
                   .action = "cannot make a row of raw bytes",
                   .object = fmt::format("shape [{}]", fmt::join(options.shape, ", ")),
                   .cause = "it would be empty or beyond 1 GiB"});
    }
    size_bytes *= length;
  }
  return size_bytes;
}

}  // namespace

Bytes::Bytes(BytesOptions options)
    : options_(std::move(options)), row_bytes_(checked_row_bytes(options_)) {}

std::expected<void, Failure> Bytes::run(std::span<const std::byte> bytes, const Context&, Scratch&,
                                        std::span<std::byte> row) const noexcept {
  HR_CHECK(row.size() == row_bytes_, "row of {} bytes", row.size());
  if (!options_.pad && bytes.size() != row_bytes_) {
    const bool short_of = bytes.size() < row_bytes_;
    return std::unexpected(Failure{
        short_of ? "fewer bytes than the shape asks for" : "more bytes than the shape asks for",
        std::min(bytes.size(), row_bytes_)});
  }
  const size_t kept_bytes = std::min(bytes.size(), row_bytes_);
  // What was read into its row lies there already.
  if (kept_bytes > 0 && row.data() != bytes.data())
    std::memcpy(row.data(), bytes.data(), kept_bytes);
  std::memset(row.data() + kept_bytes, options_.padding, row_bytes_ - kept_bytes);
  return {};
}

}  // namespace headrace::ops
