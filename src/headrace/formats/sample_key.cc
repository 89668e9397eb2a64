// Equal to Python's ^((?:.*/|)[^.]+)[.]([^/]*)$ followed by lower(), but for line breaks within
// names.
#include "headrace/formats/sample_key.h"

#include <algorithm>

namespace headrace::formats {
namespace {

bool is_metadata(std::string_view name) {
  const std::string_view first = name.substr(0, name.find('/'));
  return first.size() >= 4 && first.starts_with("__") && first.ends_with("__");
}

std::string lower_case(std::string_view text) {
  std::string lower(text);
  std::ranges::transform(lower, lower.begin(), [](char letter) {
    return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter;
  });
  return lower;
}

// "a/.jpg" has no base name, yet the expression matches with the key "a/": its [^.]+ may hold
// slashes, so the folder before the dot stands in for the base name if that folder has no dot
// itself.
bool folder_stands_in(std::string_view folders) {
  if (folders.empty()) return false;
  const std::string_view last = folders.substr(0, folders.size() - 1);
  const size_t slash = last.rfind('/');
  return last.substr(slash == std::string_view::npos ? 0 : slash + 1).find('.') ==
         std::string_view::npos;
}

}  // namespace

std::optional<SampleKey> split_name(std::string_view name) {
  if (is_metadata(name)) return std::nullopt;
  const size_t slash = name.rfind('/');
  const size_t base = slash == std::string_view::npos ? 0 : slash + 1;
  const size_t dot = name.find('.', base);
  if (dot == std::string_view::npos) return std::nullopt;
  if (dot == base && !folder_stands_in(name.substr(0, base))) return std::nullopt;
  return SampleKey{.key = name.substr(0, dot), .field = lower_case(name.substr(dot + 1))};
}

}  // namespace headrace::formats
