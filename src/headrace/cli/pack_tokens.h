// headrace pack --tokens: its options and its run. Thread safety: the command's one thread.
#pragma once

#include <string>

#include "headrace/cli/verbs.h"

namespace headrace::cli {

struct PackTokensArguments {
  bool is_wanted = false;
  std::string input = {}, output = {};
  std::string raw_type = {}, type = {}, end_token = {};
  std::string tokenizer = {};  // where it is named, the input is texts
  std::string texts = "file", key = "text";
  bool no_special_tokens = false;
  size_t job_count = 0;
  std::string json = {};
  bool quiet = false;
};

void add_token_options(CLI::App& verb, PackTokensArguments& arguments);
void run_pack_tokens(const PackTokensArguments& arguments, Session& session);

}  // namespace headrace::cli
