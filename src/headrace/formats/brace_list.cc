// One pair of braces after the other; braces within braces are refused.
#include "headrace/formats/brace_list.h"

#include <charconv>

namespace headrace::formats {
namespace {

constexpr size_t k_list_limit_bytes = size_t{1} << 20;

std::optional<uint64_t> decimal(std::string_view text) {
  uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::vector<std::string> split_at_commas(std::string_view inner) {
  std::vector<std::string> parts;
  while (true) {
    const size_t comma = inner.find(',');
    parts.emplace_back(inner.substr(0, comma));
    if (comma == std::string_view::npos) return parts;
    inner.remove_prefix(comma + 1);
  }
}

// What stands between one pair of braces: "000..012" or "a,b".
std::expected<std::vector<std::string>, std::string> choices_of(std::string_view inner) {
  const size_t dots = inner.find("..");
  if (dots == std::string_view::npos) {
    if (inner.find(',') != std::string_view::npos) return split_at_commas(inner);
    return std::unexpected(fmt::format("{{{}}} is neither a range nor a list", inner));
  }
  const std::string_view low_text = inner.substr(0, dots), high_text = inner.substr(dots + 2);
  const auto low = decimal(low_text), high = decimal(high_text);
  if (!low || !high || *low > *high) {
    return std::unexpected(fmt::format("{{{}}} is not a range of numbers that goes up", inner));
  }
  if (*high - *low >= k_brace_limit) {
    return std::unexpected(fmt::format("{{{}}} has over {} numbers", inner, k_brace_limit));
  }
  const bool padded =
      (low_text.size() > 1 && low_text[0] == '0') || low_text.size() == high_text.size();
  const size_t width = padded ? std::max(low_text.size(), high_text.size()) : 0;
  std::vector<std::string> numbers;
  for (uint64_t i = *low; i <= *high; ++i) numbers.push_back(fmt::format("{:0{}}", i, width));
  return numbers;
}

std::expected<std::string, std::string> with_variables(std::string text, const Variable& variable) {
  constexpr int k_rounds = 10;
  for (int round = 0; text.find("${") != std::string::npos; ++round) {
    if (round == k_rounds) return std::unexpected("its variables name each other without end");
    std::string made;
    for (size_t at = 0; at < text.size();) {
      const size_t open = text.find("${", at), close = text.find('}', open);
      made += text.substr(at, open - at);
      if (open == std::string::npos) break;
      if (close == std::string::npos) return std::unexpected("${ has no }");
      const std::string name = "WDS_" + text.substr(open + 2, close - open - 2);
      const auto value = variable(name);
      if (!value) return std::unexpected(fmt::format("the variable {} is not set", name));
      made += *value;
      at = close + 1;
    }
    if (made.size() > k_list_limit_bytes) return std::unexpected("it is too long");
    text = std::move(made);
  }
  return text;
}

}  // namespace

std::expected<std::vector<std::string>, std::string> expand_braces(std::string_view text) {
  std::vector<std::string> results = {""};
  while (true) {
    const size_t open = text.find_first_of("{}");
    for (std::string& result : results) result += text.substr(0, open);
    if (open == std::string_view::npos) return results;
    const size_t close = text.find('}', open);
    if (text[open] == '}' || close == std::string_view::npos || text.find('{', open + 1) < close) {
      return std::unexpected("its braces do not pair up one after the other");
    }
    const auto choices = choices_of(text.substr(open + 1, close - open - 1));
    if (!choices) return std::unexpected(choices.error());
    if (results.size() > k_brace_limit / choices->size()) {
      return std::unexpected(fmt::format("it stands for over {} names", k_brace_limit));
    }
    std::vector<std::string> longer;
    for (const std::string& result : results) {
      for (const std::string& choice : *choices) longer.push_back(result + choice);
    }
    results = std::move(longer);
    text.remove_prefix(close + 1);
  }
}

std::expected<std::vector<std::string>, std::string> expand_list(std::string_view text,
                                                                 const Variable& variable) {
  std::vector<std::string> results;
  while (true) {
    const size_t end = text.find("::");
    const auto part = with_variables(std::string(text.substr(0, end)), variable);
    if (!part) return std::unexpected(part.error());
    auto names = expand_braces(*part);
    if (!names) return names;
    if (results.size() + names->size() > k_brace_limit) {
      return std::unexpected(fmt::format("it stands for over {} names", k_brace_limit));
    }
    results.insert(results.end(), std::make_move_iterator(names->begin()),
                   std::make_move_iterator(names->end()));
    if (end == std::string_view::npos) return results;
    text.remove_prefix(end + 2);
  }
}

}  // namespace headrace::formats
