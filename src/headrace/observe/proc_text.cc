// Reading and taking apart the kernel's text files.
#include "headrace/observe/proc_text.h"

#include <charconv>
#include <fstream>

namespace headrace::observe {

namespace {

// What lies between the separators, empty parts left out.
std::vector<std::string_view> parts_of(std::string_view text, std::string_view separators) {
  std::vector<std::string_view> parts;
  while (!text.empty()) {
    const size_t end = std::min(text.find_first_of(separators), text.size());
    if (end > 0) parts.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return parts;
}

}  // namespace

std::string read_proc_text(const std::string& path) {
  constexpr size_t k_limit_bytes = size_t{1} << 20;
  std::ifstream file(path, std::ios::binary);
  std::string text(k_limit_bytes, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<size_t>(std::max<std::streamsize>(0, file.gcount())));
  return text;
}

std::string_view line_after(std::string_view text, std::string_view key) {
  while (!text.empty()) {
    const size_t end = text.find('\n');
    std::string_view line = text.substr(0, end);
    if (line.starts_with(key)) {
      line.remove_prefix(key.size());
      const size_t start = line.find_first_not_of(": \t");
      return start == std::string_view::npos ? std::string_view{} : line.substr(start);
    }
    if (end == std::string_view::npos) break;
    text.remove_prefix(end + 1);
  }
  return {};
}

uint64_t leading_number(std::string_view text) {
  uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc{} ? value : 0;
}

std::vector<std::string_view> lines_of(std::string_view text) { return parts_of(text, "\n"); }

std::vector<std::string_view> words_of(std::string_view line) { return parts_of(line, " \t"); }

}  // namespace headrace::observe
