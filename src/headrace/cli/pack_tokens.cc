// headrace pack --tokens: arrays of tokens, or texts and a tokenizer, to Megatron's files.
#include "headrace/cli/pack_tokens.h"

#include <charconv>
#include <nlohmann/json.hpp>

#include "headrace/base/clock.h"
#include "headrace/base/error.h"
#include "headrace/base/shell_word.h"
#include "headrace/base/sizes.h"
#include "headrace/cli/output.h"
#include "headrace/pack/token_arrays.h"
#include "headrace/pack/token_texts.h"

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

std::optional<uint64_t> number_of(const std::string& end_token) {
  if (end_token.empty()) return std::nullopt;
  uint64_t number = 0;
  const char* const end = end_token.data() + end_token.size();
  const auto [behind, failure] = std::from_chars(end_token.data(), end, number);
  if (failure == std::errc() && behind == end) return number;
  throw Error({.code = Code::invalid_argument,
               .action = "cannot end documents by",
               .object = end_token,
               .cause = "arrays hold tokens by their numbers",
               .hint = "--end-token 0 for example; with --tokenizer the input is texts"});
}

pack::PackedTokens pack_arrays(const PackTokensArguments& arguments, std::stop_token stop,
                               const pack::PackTokensProgress& progress) {
  return pack::pack_token_arrays({.input = arguments.input,
                                  .output = arguments.output,
                                  .raw_type = arguments.raw_type,
                                  .type = type_of(arguments.type),
                                  .end_token = number_of(arguments.end_token),
                                  .stop = std::move(stop)},
                                 progress);
}

pack::PackedTokens pack_texts(const PackTokensArguments& arguments, std::stop_token stop,
                              const pack::PackTokensProgress& progress) {
  return pack::pack_token_texts({.input = arguments.input,
                                 .output = arguments.output,
                                 .tokenizer = arguments.tokenizer,
                                 .key = arguments.key,
                                 .line_is_text = arguments.texts == "line",
                                 .special_tokens = !arguments.no_special_tokens,
                                 .end_token = arguments.end_token,
                                 .type = type_of(arguments.type),
                                 .job_count = arguments.job_count,
                                 .stop = std::move(stop)},
                                progress);
}

}  // namespace

void add_token_options(CLI::App& verb, PackTokensArguments& arguments) {
  CLI::Option* const tokens = verb.add_flag(
      "--tokens", arguments.is_wanted,
      "INPUT is arrays of tokens (.npy or raw, or a folder of them), or with --tokenizer "
      "texts; OUT is what .bin and .idx of Megatron have in common");
  CLI::Option* const tokenizer =
      verb.add_option(
              "--tokenizer", arguments.tokenizer,
              "with --tokens: a tokenizer.json, or a .model of SentencePiece; INPUT is then "
              "a file of text, or a folder of .txt and .jsonl, also .gz, .zst and .lz4")
          ->needs(tokens);
  verb.add_option("--texts", arguments.texts,
                  "with --tokenizer: each file is a text, or each line; of .jsonl each line is")
      ->capture_default_str()
      ->check(CLI::IsMember({"file", "line"}));
  verb.add_option("--text-key", arguments.key, "with --tokenizer: the text's key in .jsonl")
      ->capture_default_str();
  verb.add_flag("--no-special-tokens", arguments.no_special_tokens,
                "with --tokenizer: without those that its post-processor puts around a text");
  verb.add_option("--dtype", arguments.raw_type, "with --tokens: what raw files hold")
      ->excludes(tokenizer)
      ->check(CLI::IsMember(
          {"uint8", "int8", "uint16", "int16", "uint32", "int32", "uint64", "int64"}));
  verb.add_option("--token-type", arguments.type,
                  "with --tokens: what is written, where it is not the input's type")
      ->check(CLI::IsMember({"uint8", "int8", "int16", "int32", "int64", "uint16"}));
  verb.add_option("--end-token", arguments.end_token,
                  "with --tokens: a document ends behind each; else it is a row of a .npy, or a "
                  "file. With --tokenizer: its number or name, put behind each text");
}

void run_pack_tokens(const PackTokensArguments& arguments, Session& session) {
  SteadyClock clock;
  std::optional<report::Progress> progress;
  uint64_t shown_bytes = 0;
  const uint64_t begin_ns = steady_now_ns();
  const auto show = [&](uint64_t done_bytes, uint64_t total_bytes) {
    if (arguments.quiet) return;
    auto options = progress_options("packing", total_bytes, "");
    options.bytes = true;
    if (!progress) progress.emplace(options, clock);
    progress->advance(done_bytes - std::exchange(shown_bytes, done_bytes));
  };
  const bool is_text = !arguments.tokenizer.empty();
  const pack::PackedTokens result =
      (is_text ? pack_texts : pack_arrays)(arguments, session.interrupt.token(), show);
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
  fmt::print("packed {} ({}) of {}, {}, in {}\n", counted(result.token_count, "token"),
             name_of(result.type), counted(result.document_count, "document"),
             format_size(result.token_count * size_of(result.type)), format_duration(spent_ns));
  fmt::print("next: headrace feed {} --preset tokens --sequence 4096 --batch 8\n",
             shell_word(arguments.output));
}

}  // namespace headrace::cli
