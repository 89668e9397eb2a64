// A command's words as a shell divides them, where no more than quotes needs one.
// Thread safety: a pure function.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace headrace {

// Nothing where a shell would do more than divide: start another program (| ; & < > $ ` and line
// ends), fill in a name (* [ ~), or ask for the rest of a quote. Nothing of "" either.
std::optional<std::vector<std::string>> plain_words(std::string_view command);

}  // namespace headrace
