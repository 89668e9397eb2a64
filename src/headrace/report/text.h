// Text that cannot do harm and figures as people read them, for every kind of report.
// Thread safety: pure functions. Invariant: what comes out is valid UTF-8 without control
// characters.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "headrace/observe/advice.h"

namespace headrace::report {

// Control characters (an escape sequence in a file name) and bytes that are not UTF-8 become
// U+FFFD. `keep_lines`: newlines and tabs stay.
std::string plain(std::string_view text, bool keep_lines = false);
// plain(), and & < > " ' as entities: safe as HTML text and inside quoted attributes.
std::string html_escaped(std::string_view text, bool keep_lines = false);

using observe::bytes_rate_text;
using observe::seconds_text;
// "2,560"; below 10 two digits: "3.3".
std::string number_text(double value);

// "23 %"; a dash for what is not known.
std::string fill_text(double share);

// A bar of `width` columns in eighths of a column; a share outside 0..1 is clamped.
std::string bar(double share, size_t width);
// Columns that the text takes in a terminal: its code points, less escape sequences for color.
size_t columns_of(std::string_view text);
// The first `limit` columns of the text, whole code points; a cut color is ended.
std::string first_columns(std::string_view text, size_t limit);
// Words broken into lines of at most `width` columns, every line but the first behind `indent`
// spaces.
std::string wrapped(std::string_view text, size_t width, size_t indent);

}  // namespace headrace::report
