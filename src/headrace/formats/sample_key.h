// How a member's name becomes a sample's key and a field's name: WebDataset's rules, without its
// regular expression. Thread safety: pure functions.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace headrace::formats {

struct SampleKey {
  std::string_view
      key;            // folder and base name up to the first dot of the base name; borrows the name
  std::string field;  // the rest, in lower case: "jpg", "seg.png"
};

// Nothing for members that WebDataset drops: without a dot, or metadata ("__name__" or below it).
std::optional<SampleKey> split_name(std::string_view name);

}  // namespace headrace::formats
