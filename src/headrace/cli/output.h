// Where a verb's results go: --json to a file or "-", progress to a terminal or to plain lines.
// Thread safety: main's thread only.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include <cstdint>
#include <string>
#include <vector>

#include "headrace/report/progress.h"

namespace headrace::cli {

// "a", or ["a", "b"].
nlohmann::ordered_json path_document(const std::vector<std::string>& paths);

bool is_terminal(std::FILE* stream);
size_t terminal_width();

// Writes the document whole or not at all; "-" is standard output. Throws Error.
void write_text(const std::string& path, const std::string& text);
void write_json(const std::string& path, const nlohmann::ordered_json& document);

// Progress on standard error, as a bar where that is a terminal.
report::ProgressOptions progress_options(std::string title, uint64_t total, std::string unit);

}  // namespace headrace::cli
