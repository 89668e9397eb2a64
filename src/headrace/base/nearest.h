// The known word nearest to a mistyped one, for errors that name what was probably meant.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace headrace {

// The candidate of least edit distance, or "" when none is within a third of the word's length (at
// least 2).
std::string nearest(std::string_view word, std::span<const std::string_view> candidates);

}  // namespace headrace
