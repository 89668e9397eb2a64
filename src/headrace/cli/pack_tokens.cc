// headrace pack --tokens: arrays of tokens to Megatron's files.
#include "headrace/cli/pack_tokens.h"

#include <nlohmann/json.hpp>

#include "headrace/base/clock.h"
#include "headrace/base/sizes.h"
#include "headrace/cli/output.h"
#include "headrace/pack/token_arrays.h"

namespace headrace::cli {
namespace {

using formats::TokenType;

constexpr TokenType k_types[] = {TokenType::uint8, TokenType::int8,  TokenType::int16,
                                 TokenType::int32, TokenType::int64, TokenType::uint16};

std::optional<TokenType> type_of(const std::string& name) {
  for (const TokenType type : k_types) {
    if (name == name_of(type)) return type;
  }
  return std::nullopt;
}

}  // namespace

void add_token_options(CLI::App& verb, PackTokensArguments& arguments) {
  verb.add_flag("--tokens", arguments.is_wanted,
                "INPUT is arrays of tokens (.npy or raw, or a folder of them), OUT what .bin and "
                ".idx of Megatron have in common");
  verb.add_option("--dtype", arguments.raw_type, "with --tokens: what raw files hold")
      ->check(CLI::IsMember(
          {"uint8", "int8", "uint16", "int16", "uint32", "int32", "uint64", "int64"}));
  verb.add_option("--token-type", arguments.type,
                  "with --tokens: what is written, where it is not the input's type")
      ->check(CLI::IsMember({"uint8", "int8", "int16", "int32", "int64", "uint16"}));
  verb.add_option("--end-token", arguments.end_token,
                  "with --tokens: a document ends behind each; else it is a row of a .npy, or a "
                  "file");
}

void run_pack_tokens(const PackTokensArguments& arguments, Session& session) {
  SteadyClock clock;
  std::optional<report::Progress> progress;
  uint64_t shown_bytes = 0;
  const uint64_t begin_ns = steady_now_ns();
  const pack::TokenArraysResult result = pack::pack_token_arrays(
      {.input = arguments.input,
       .output = arguments.output,
       .raw_type = arguments.raw_type,
       .type = type_of(arguments.type),
       .end_token = arguments.end_token,
       .stop = session.interrupt.token()},
      [&](uint64_t done_bytes, uint64_t total_bytes) {
        if (arguments.quiet) return;
        auto options = progress_options("packing", total_bytes, "");
        options.bytes = true;
        if (!progress) progress.emplace(options, clock);
        progress->advance(done_bytes - std::exchange(shown_bytes, done_bytes));
      });
  if (progress) progress->finish();
  const uint64_t spent_ns = steady_now_ns() - begin_ns;
  if (!arguments.json.empty()) {
    write_json(arguments.json, {{"input", arguments.input},
                                {"output", arguments.output},
                                {"files", result.file_count},
                                {"documents", result.document_count},
                                {"tokens", result.token_count},
                                {"type", name_of(result.type)},
                                {"seconds", static_cast<double>(spent_ns) * 1e-9}});
  }
  if (arguments.quiet || arguments.json == "-") return;
  fmt::print("packed {} tokens ({}) of {} documents, {}, in {}\n", format_count(result.token_count),
             name_of(result.type), format_count(result.document_count),
             format_size(result.token_count * size_of(result.type)), format_duration(spent_ns));
  fmt::print("next: headrace feed {} --preset tokens --sequence 4096 --batch 8\n",
             arguments.output);
}

}  // namespace headrace::cli
