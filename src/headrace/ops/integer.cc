// Strict decimal parsing over std::from_chars.
#include "headrace/ops/integer.h"

#include <charconv>

#include "headrace/base/check.h"
#include "headrace/base/endian.h"

namespace headrace::ops {
namespace {

// What may follow the digits: the end of the line that a shell or an editor left there.
bool is_line_end(const char* from, const char* end) {
  if (from < end && *from == '\r') ++from;
  if (from < end && *from == '\n') ++from;
  return from == end;
}

template <typename T>
std::expected<void, Failure> parse(std::span<const std::byte> bytes, std::span<std::byte> row) {
  const char* begin = reinterpret_cast<const char*>(bytes.data());
  const char* end = begin + bytes.size();
  T value = 0;
  const auto [stop, error] = std::from_chars(begin, end, value);
  const auto offset_bytes = static_cast<uint64_t>(stop - begin);
  if (error == std::errc::result_out_of_range) {
    return std::unexpected(Failure{"integer does not fit the type", offset_bytes});
  }
  if (error != std::errc()) return std::unexpected(Failure{"no decimal integer", offset_bytes});
  if (!is_line_end(stop, end)) {
    return std::unexpected(Failure{"unexpected byte behind the integer", offset_bytes});
  }
  store_le(row.data(), value);
  return {};
}

}  // namespace

Integer::Integer(const IntegerOptions& options) : type_(options.type) {
  HR_CHECK(type_ == Type::int64 || type_ == Type::int32, "type {}", name_of(type_));
}

std::expected<void, Failure> Integer::run(std::span<const std::byte> bytes, const Context&,
                                          Scratch&, std::span<std::byte> row) const noexcept {
  HR_CHECK(row.size() == size_of(type_), "row of {} bytes", row.size());
  return type_ == Type::int64 ? parse<int64_t>(bytes, row) : parse<int32_t>(bytes, row);
}

}  // namespace headrace::ops
