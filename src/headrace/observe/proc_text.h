// Reads the kernel's small text files (/proc, /sys), whose size the kernel does not tell
// beforehand. Thread safety: pure functions. Absent, unreadable or ill-formed = empty or 0: a
// report shows what is known.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace headrace::observe {

// At most 1 MiB; "" when it cannot be read.
std::string read_proc_text(const std::string& path);
// The first line that begins with `key`: what follows it, without leading ": \t" and without the
// newline.
std::string_view line_after(std::string_view text, std::string_view key);
// The unsigned number at the start of the text; 0 when there is none.
uint64_t leading_number(std::string_view text);
// The text's lines without their newlines; the words of a line, between spaces or tabs.
std::vector<std::string_view> lines_of(std::string_view text);
std::vector<std::string_view> words_of(std::string_view line);

}  // namespace headrace::observe
