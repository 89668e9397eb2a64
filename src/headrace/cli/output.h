// Where a verb's results go: --json to a file or "-", progress to a terminal or to plain lines.
// Thread safety: main's thread only. Invariant: what cannot be written is said, before a run where
// it is known by then, and never passed over.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include <cstdint>
#include <cstdio>
#include <string>
#include <vector>

#include "headrace/report/progress.h"

namespace CLI {
class App;
}

namespace headrace::cli {

// "a", or ["a", "b"].
nlohmann::ordered_json path_document(const std::vector<std::string>& paths);

bool is_terminal(std::FILE* stream);
size_t terminal_width();

// An option that names where a result goes; a place where no file can be made is refused before
// the run whose result would be lost.
void add_output_option(CLI::App& verb, const std::string& names, std::string& path,
                       const std::string& help);
// Why no file can be written there, or "".
std::string why_not_writable(const std::string& path);

// Writes the document whole or not at all; "-" is standard output. Throws Error.
void write_text(const std::string& path, const std::string& text);
void write_json(const std::string& path, const nlohmann::ordered_json& document);
// What was printed, to where it goes: a full disk behind a redirection shows only now. Throws
// Error.
void flush_output(std::FILE* stream = stdout);

// Progress on standard error, as a bar where that is a terminal.
report::ProgressOptions progress_options(std::string title, uint64_t total, std::string unit);

}  // namespace headrace::cli
