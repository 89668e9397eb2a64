// Unicode's normalization form C: letters and their marks as one code point where there is one.
// Thread safety: pure functions. Input is valid UTF-8; text that is in the form already costs a
// look at each character that is not ASCII, and no copy.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "headrace/text/unicode.h"

namespace headrace::text {

struct NormalizeScratch {
  struct Point {
    uint32_t code_point = 0;
    uint8_t combining_class = 0;
  };
  std::string text;
  std::vector<Point> points;
};

// `text` itself, or a view of the scratch.
std::string_view normalize_nfc(std::string_view text, NormalizeScratch& scratch);

}  // namespace headrace::text
