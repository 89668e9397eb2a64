// What the command line's parser says too shortly or lets pass: errors in the command's own words,
// with the nearest verb or option, and numbers below 0 or too large, which it would wrap around.
// Thread safety: main's thread only.
#pragma once

#include <CLI/CLI.hpp>

#include <string>

namespace headrace::cli {

// "headrace: there is no verb fed; hint: nearest: feed; headrace --help lists them\n".
std::string usage_error_text(const CLI::App& app, const std::exception& error);

// Of each option that takes a whole number, of this verb and those below it.
void refuse_wrapped_numbers(CLI::App& app);

}  // namespace headrace::cli
