// headrace pack --tokens: its options and its run. Thread safety: the command's one thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "headrace/cli/verbs.h"

namespace headrace::cli {

struct PackTokensArguments {
  bool is_wanted = false;
  std::string input = {}, output = {};
  std::string raw_type = {}, type = {};
  std::optional<uint64_t> end_token;
  std::string json = {};
  bool quiet = false;
};

void add_token_options(CLI::App& verb, PackTokensArguments& arguments);
void run_pack_tokens(const PackTokensArguments& arguments, Session& session);

}  // namespace headrace::cli
