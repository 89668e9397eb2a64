// headrace convert: shards of one format to shards of another, compared when they are there.
#include "headrace/pack/convert.h"

#include <nlohmann/json.hpp>

#include "headrace/base/shell_word.h"
#include "headrace/base/sizes.h"
#include "headrace/cli/output.h"
#include "headrace/cli/pack_options.h"
#include "headrace/cli/verbs.h"

namespace headrace::cli {
namespace {

struct ConvertArguments {
  pack::ConvertOptions options = {};
  CompressArguments compress = {};
  std::string from = "any";
  std::string to = "tar";
  std::string shard_size = "256M";
  std::string json = {};
  bool quiet = false;
};

// What --from takes, and what that is called elsewhere.
std::map<std::string, std::string> readable_formats() {
  std::map<std::string, std::string> readable = {{"any", ""}, {"image-folder", "image-folder"}};
  for (const formats::ShardFormat* format : formats::shard_formats()) {
    const bool is_tar = format == &formats::k_tar_format;
    readable.emplace(is_tar ? "tar" : format->name, format->name);
  }
  return readable;
}

nlohmann::ordered_json document_of(const ConvertArguments& arguments,
                                   const pack::ConvertResult& result) {
  return {{"input", arguments.options.input},
          {"input_format", result.input_format},
          {"output", arguments.options.output},
          {"output_format", arguments.to},
          {"samples", result.packed.sample_count},
          {"skipped", result.packed.skipped_count},
          {"skipped_listed", skipped_document(result.packed)},
          {"shards", result.packed.shard_count},
          {"shards_kept", result.packed.kept_shard_count},
          {"output_bytes", result.packed.output_bytes},
          {"compared", result.compared_count},
          {"content_hash", fmt::format("{:016x}", result.content_hash)},
          {"compression", compression_document(result.packed.compression)},
          {"notes", result.packed.notes},
          {"convert_seconds", result.packed.seconds},
          {"compare_seconds", result.compare_seconds}};
}

void print_result(const ConvertArguments& arguments, const pack::ConvertResult& result) {
  const auto duration = [](double seconds) {
    return format_duration(static_cast<uint64_t>(seconds * 1e9));
  };
  fmt::print("converted {} of {} into {} of {}, {}, in {}\n",
             counted(result.packed.sample_count, "sample"), result.input_format,
             counted(result.packed.shard_count, "shard"), arguments.to,
             format_size(result.packed.output_bytes), duration(result.packed.seconds));
  if (result.packed.kept_shard_count > 0) {
    fmt::print("  {} finished by an earlier run and kept\n",
               counted(result.packed.kept_shard_count, "shard"));
  }
  fmt::print("  both read again and the same: {}, content {:016x}, in {}\n",
             counted(result.compared_count, "sample"), result.content_hash,
             duration(result.compare_seconds));
  print_skipped(result.packed);
  print_compression(result.packed.compression);
  for (const std::string& note : result.packed.notes) fmt::print("  note: {}\n", note);
  fmt::print("next: headrace inspect {}\n", shell_word(arguments.options.output));
}

// A bar for each of the two passes, each made when its first sample is through.
class Bars {
 public:
  explicit Bars(bool quiet) : quiet_(quiet) {}
  void show(const char* what, uint64_t done_count, uint64_t total_count) {
    if (quiet_) return;
    if (what != what_) {
      finish();
      bar_.emplace(progress_options(what, total_count, "samples"), clock_);
      what_ = what;
      shown_count_ = 0;
    }
    bar_->advance(done_count - shown_count_);
    shown_count_ = done_count;
  }
  void finish() {
    if (bar_) bar_->finish();
    bar_.reset();
  }

 private:
  const bool quiet_;
  SteadyClock clock_;
  std::optional<report::Progress> bar_;
  const char* what_ = nullptr;
  uint64_t shown_count_ = 0;
};

void run_convert(ConvertArguments& arguments, Session& session) {
  pack::ConvertOptions& options = arguments.options;
  options.input_format = readable_formats().at(arguments.from);
  options.format = writable_formats().at(arguments.to);
  options.shard_size_bytes = *parse_size(arguments.shard_size);
  options.compress = compress_of(arguments.compress);
  options.stop = session.interrupt.token();
  Bars bars(arguments.quiet);
  static constexpr const char *k_converting = "converting", *k_comparing = "comparing";
  uint64_t total_count = 0;
  const pack::ConvertResult result = pack::convert(
      options, {.on_packed =
                    [&](const pack::PackProgress& now) {
                      total_count = now.samples_total;
                      bars.show(k_converting, now.samples_done, total_count);
                    },
                .on_compared =
                    [&](uint64_t done_count) { bars.show(k_comparing, done_count, total_count); }});
  bars.finish();
  if (!arguments.json.empty()) write_json(arguments.json, document_of(arguments, result));
  if (!arguments.quiet && arguments.json != "-") print_result(arguments, result);
}

}  // namespace

void add_convert(CLI::App& app, Session& session) {
  CLI::App* verb = app.add_subcommand(
      "convert", "Turns a data set of one format into one of another, and compares both");
  auto arguments = std::make_shared<ConvertArguments>();
  pack::ConvertOptions& options = arguments->options;
  verb->add_option("INPUT", options.input,
                   "shards of any format, or a class-per-folder image tree; its order is kept")
      ->required();
  verb->add_option("OUT", options.output,
                   "the folder for shards; run again, it finishes what is missing")
      ->required();
  verb->add_option("--from", arguments->from, "what INPUT has to be; its bytes decide")
      ->capture_default_str()
      ->check(CLI::IsMember(readable_formats()));
  verb->add_option("--to", arguments->to, "format of the shards")
      ->capture_default_str()
      ->check(CLI::IsMember(writable_formats()));
  add_shard_size_option(*verb, arguments->shard_size);
  add_compress_options(*verb, arguments->compress);
  add_on_error_option(*verb, options.on_error);
  verb->add_option("--jobs", options.job_count, "threads that read; 0 = one a core")
      ->capture_default_str();
  add_output_option(*verb, "--json", arguments->json,
                    "write the result as JSON to this file, or - for standard output");
  verb->add_flag("--quiet", arguments->quiet, "print nothing but errors");
  verb->footer("Example:\n  headrace convert shards records --to tfrecord");
  verb->callback([arguments, &session] { run_convert(*arguments, session); });
}

}  // namespace headrace::cli
