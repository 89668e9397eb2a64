// headrace pack: pictures to shards.
#include "headrace/pack/pack.h"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "headrace/base/error.h"
#include "headrace/base/shell_word.h"
#include "headrace/base/sizes.h"
#include "headrace/cli/exit_codes.h"
#include "headrace/cli/output.h"
#include "headrace/cli/pack_options.h"
#include "headrace/cli/pack_tokens.h"
#include "headrace/cli/verbs.h"
#include "headrace/formats/dataset.h"
#include "headrace/formats/image_kind.h"
#include "headrace/pack/lossless_recode.h"

namespace headrace::cli {
namespace {

struct PackArguments {
  pack::PackOptions options = {};
  PackTokensArguments tokens = {};
  std::string shard_size = "256M";
  std::string format = "tar";
  std::string recode = "lossless";
  std::string order = "shuffled";
  CompressArguments compress = {};
  std::string json = {};
  bool quiet = false;
};

nlohmann::ordered_json document_of(const PackArguments& arguments, const pack::PackResult& result) {
  return {{"input", arguments.options.input},
          {"output", arguments.options.output},
          {"samples", result.sample_count},
          {"copies", arguments.options.copy_count},
          {"shards", result.shard_count},
          {"shards_kept", result.kept_shard_count},
          {"bytes_in", result.bytes_in},
          {"bytes_out", result.bytes_out},
          {"output_bytes", result.output_bytes},
          {"recoded", result.recoded_count},
          {"left_as_is", result.left_as_is},
          {"skipped", result.skipped_count},
          {"skipped_listed", skipped_document(result)},
          {"notes", result.notes},
          {"compression", compression_document(result.compression)},
          {"seconds", result.seconds}};
}

std::string next_command(const std::string& output) {
  const auto dataset = formats::Dataset::open(output, {});
  return std::ranges::any_of(dataset->field_names(), formats::is_image_field)
             ? fmt::format("headrace feed {} --preset imagenet --step-ms 40", shell_word(output))
             : fmt::format("headrace inspect {}", shell_word(output));
}

void print_result(const PackArguments& arguments, const pack::PackResult& result) {
  fmt::print("packed {}{} into {}, {}, in {}\n", counted(result.sample_count, "sample"),
             arguments.options.copy_count > 1
                 ? fmt::format(" {} times over", arguments.options.copy_count)
                 : "",
             counted(result.shard_count, "shard"), format_size(result.output_bytes),
             format_duration(static_cast<uint64_t>(result.seconds * 1e9)));
  if (result.kept_shard_count > 0) {
    fmt::print("  {} finished by an earlier run and kept\n",
               counted(result.kept_shard_count, "shard"));
  }
  if (result.recoded_count > 0) {
    fmt::print("  {} recoded without loss: read {}, wrote {}\n",
               counted(result.recoded_count, "JPEG"), format_size(result.bytes_in),
               format_size(result.bytes_out / arguments.options.copy_count));
  }
  for (const auto& [reason, count] : result.left_as_is) {
    fmt::print("  {} not recoded: {}\n", counted(count, "JPEG"), reason);
  }
  if (result.left_as_is.contains("broken")) {
    fmt::print("    a broken JPEG ends a feed unless it runs with --on-error skip\n");
  }
  print_skipped(result);
  print_compression(result.compression);
  for (const std::string& note : result.notes) fmt::print("  note: {}\n", note);
  fmt::print("next: {}\n", next_command(arguments.options.output));
}

void run_pack(PackArguments& arguments, Session& session) {
  pack::PackOptions& options = arguments.options;
  if (arguments.tokens.is_wanted) {
    arguments.tokens.input = options.input;
    arguments.tokens.output = options.output;
    arguments.tokens.job_count = options.job_count;
    arguments.tokens.json = arguments.json;
    arguments.tokens.quiet = arguments.quiet;
    return run_pack_tokens(arguments.tokens, session);
  }
  options.shard_size_bytes = *parse_size(arguments.shard_size);
  options.order =
      arguments.order == "as-is" ? pack::SampleOrder::as_is : pack::SampleOrder::shuffled;
  options.format = writable_formats().at(arguments.format);
  options.compress = compress_of(arguments.compress);
  if (arguments.recode == "lossless") options.recode = pack::lossless_recode();
  options.stop = session.interrupt.token();
  SteadyClock clock;
  std::optional<report::Progress> progress;
  uint64_t shown_count = 0;
  const pack::PackResult result = pack::pack(options, [&](const pack::PackProgress& now) {
    if (arguments.quiet) return;
    if (!progress)
      progress.emplace(progress_options("packing", now.samples_total, "samples"), clock);
    progress->advance(now.samples_done - shown_count);
    shown_count = now.samples_done;
  });
  if (progress) progress->finish();
  if (!arguments.json.empty()) write_json(arguments.json, document_of(arguments, result));
  if (!arguments.quiet && arguments.json != "-") print_result(arguments, result);
}

}  // namespace

void add_pack(CLI::App& app, Session& session) {
  CLI::App* verb = app.add_subcommand("pack",
                                      "Turns pictures into shards (WebDataset tar and others) with "
                                      "indexes, checksums and a manifest");
  auto arguments = std::make_shared<PackArguments>();
  pack::PackOptions& options = arguments->options;
  verb->add_option(
          "INPUT", options.input,
          "a class-per-folder image tree, shards of any format, or a list file (path TAB label)")
      ->required();
  verb->add_option("OUT", options.output,
                   "the folder for shards; run again, it finishes what is missing")
      ->required();
  add_shard_size_option(*verb, arguments->shard_size);
  verb->add_option("--format", arguments->format, "of the shards")
      ->capture_default_str()
      ->check(CLI::IsMember(writable_formats()));
  verb->add_option("--recode", arguments->recode,
                   "lossless: same pixels, fewer bytes, faster crops; off: the files' own bytes")
      ->capture_default_str()
      ->check(CLI::IsMember({"lossless", "off"}));
  verb->add_option("--order", arguments->order,
                   "of the samples: shuffled, or as-is (classes stay together)")
      ->capture_default_str()
      ->check(CLI::IsMember({"shuffled", "as-is"}));
  verb->add_option("--seed", options.seed, "seed of the shuffle")->capture_default_str();
  verb->add_option("--copies", options.copy_count,
                   "write the samples so many times, each in an order of its own: epochs are read "
                   "front to back")
      ->capture_default_str()
      ->check(CLI::Range(1, 64));
  verb->add_option("--jobs", options.job_count, "threads that read and recode; 0 = one a core")
      ->capture_default_str();
  add_on_error_option(*verb, options.on_error);
  add_compress_options(*verb, arguments->compress);
  verb->add_flag("--dali-index", options.dali_index,
                 "also write DALI's text index beside each shard");
  add_token_options(*verb, arguments->tokens);
  add_output_option(*verb, "--json", arguments->json,
                    "write the result as JSON to this file, or - for standard output");
  verb->add_flag("--quiet", arguments->quiet, "print nothing but errors");
  verb->footer(
      "Example:\n  headrace pack photos packed --shard-size 256M\n"
      "  headrace pack --tokens ids.npy data/train --end-token 0\n"
      "  headrace pack --tokens --tokenizer tokenizer.json texts/ data/train --end-token "
      "\"<|endoftext|>\"");
  verb->callback([arguments, &session] { run_pack(*arguments, session); });
}

}  // namespace headrace::cli
