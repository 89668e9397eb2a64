// "train-{000..012}.tar" and "{a,b}.tar" spelled out, as shells and WebDataset do; zero padding is
// kept. Thread safety: pure functions.
#pragma once

#include <expected>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace headrace::formats {

inline constexpr size_t k_brace_limit = 1'000'000;  // results

// Without braces: the text itself. The error is a sentence.
std::expected<std::vector<std::string>, std::string> expand_braces(std::string_view text);

// WebDataset's whole list: parts between "::", and in each ${NAME} for the variable WDS_NAME, up to
// ten deep. Variables are looked up by `variable`.
using Variable = std::function<std::optional<std::string>(const std::string& name)>;
std::expected<std::vector<std::string>, std::string> expand_list(std::string_view text,
                                                                 const Variable& variable);

}  // namespace headrace::formats
