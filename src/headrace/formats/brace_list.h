// "train-{000..012}.tar" and "{a,b}.tar" spelled out, as shells and WebDataset do; zero padding is
// kept. Thread safety: a pure function.
#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <vector>

namespace headrace::formats {

inline constexpr size_t k_brace_limit = 1'000'000;  // results

// Without braces: the text itself. The error is a sentence.
std::expected<std::vector<std::string>, std::string> expand_braces(std::string_view text);

}  // namespace headrace::formats
