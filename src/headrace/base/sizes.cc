// Parsing and printing of byte sizes, durations and counts.
#include "headrace/base/sizes.h"

#include <fmt/format.h>

#include <array>
#include <cctype>
#include <charconv>
#include <limits>

namespace headrace {
namespace {

std::string three_digits(double value, const char* unit) {
  const int decimals = value < 9.995 ? 2 : value < 99.95 ? 1 : 0;
  return fmt::format("{:.{}f} {}", value, decimals, unit);
}

int shift_of_suffix(std::string_view suffix) {
  if (suffix.empty() || suffix == "B" || suffix == "b") return 0;
  const std::string_view rest = suffix.substr(1);
  if (!rest.empty() && rest != "B" && rest != "iB" && rest != "b" && rest != "ib") return -1;
  switch (std::toupper(static_cast<unsigned char>(suffix[0]))) {
    case 'K':
      return 10;
    case 'M':
      return 20;
    case 'G':
      return 30;
    case 'T':
      return 40;
    default:
      return -1;
  }
}

}  // namespace

std::expected<uint64_t, std::string> parse_size(std::string_view text) {
  double number = 0;
  const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), number);
  const auto used = static_cast<size_t>(end - text.data());
  const int shift = shift_of_suffix(text.substr(status == std::errc() ? used : 0));
  if (status != std::errc() || shift < 0 || !(number >= 0)) {
    return std::unexpected(fmt::format("\"{}\" is not a size; write 4096, 64K, 256M or 10G", text));
  }
  const double size = number * static_cast<double>(uint64_t{1} << shift);
  if (size >= static_cast<double>(std::numeric_limits<int64_t>::max())) {
    return std::unexpected(fmt::format("\"{}\" is larger than any file", text));
  }
  return static_cast<uint64_t>(size);
}

std::string format_size(uint64_t size_bytes) {
  if (size_bytes < 1024) return fmt::format("{} B", size_bytes);
  constexpr std::array units = {"KiB", "MiB", "GiB", "TiB", "PiB"};
  double value = static_cast<double>(size_bytes) / 1024;
  size_t unit = 0;
  while (value >= 999.5 && unit + 1 < units.size()) {
    value /= 1024;
    ++unit;
  }
  return three_digits(value, units[unit]);
}

std::string format_duration(uint64_t duration_ns) {
  const auto value = static_cast<double>(duration_ns);
  if (duration_ns < 1000) return fmt::format("{} ns", duration_ns);
  if (value < 999.5e3) return three_digits(value / 1e3, "us");
  if (value < 999.5e6) return three_digits(value / 1e6, "ms");
  if (value < 60e9) return three_digits(value / 1e9, "s");
  const uint64_t seconds = duration_ns / 1'000'000'000;
  return fmt::format("{} min {:02} s", seconds / 60, seconds % 60);
}

std::string format_count(uint64_t count) {
  if (count < 1000) return fmt::format("{}", count);
  return fmt::format("{},{:03}", format_count(count / 1000), count % 1000);
}

std::string counted(uint64_t count, std::string_view noun) {
  const char* const ending = count == 1 ? "" : noun.ends_with('s') ? "es" : "s";
  return fmt::format("{} {}{}", format_count(count), noun, ending);
}

}  // namespace headrace
