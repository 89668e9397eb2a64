// headrace verify: every byte against its checksum.
#include "headrace/formats/verify.h"

#include <map>
#include <nlohmann/json.hpp>

#include "headrace/base/sizes.h"
#include "headrace/cli/exit_codes.h"
#include "headrace/cli/output.h"
#include "headrace/cli/verbs.h"
#include "headrace/ops/image.h"
#include "headrace/pipeline/job.h"
#include "headrace/report/text.h"

namespace headrace::cli {
namespace {

// A shard that is cut short loses each field behind the cut: a line each would hide other shards.
constexpr size_t k_lines_a_file_limit = 5;

struct VerifyArguments {
  std::vector<std::string> paths = {};
  std::string json = {};
  size_t job_count = 0;
  bool decode = false;
};

// By the operator that feeds pictures, of which the target is the least and the crop is all.
formats::PictureCheck decoding() {
  const auto op = std::make_shared<const ops::Image>(
      ops::ImageOptions{.crop = ops::Crop::none,
                        .dct_scaling = false,
                        .format = {.width = 1, .height = 1, .type = ops::Type::uint8}});
  return [op](std::span<const std::byte> bytes) -> std::optional<formats::PictureFault> {
    std::vector<std::byte> row(op->output().row_bytes());
    const auto made = op->run(bytes, {}, *op->make_scratch(), row);
    if (made) return std::nullopt;
    return formats::PictureFault{.what = made.error().what,
                                 .offset_bytes = made.error().offset_bytes};
  };
}

nlohmann::ordered_json document_of(const std::vector<std::string>& paths,
                                   const formats::VerifyResult& result) {
  nlohmann::ordered_json damages = nlohmann::ordered_json::array();
  for (const formats::Damage& damage : result.damages) {
    damages.push_back({{"file", damage.path},
                       {"key", damage.key},
                       {"offset_bytes", damage.offset_bytes},
                       {"what", damage.what}});
  }
  return {{"path", path_document(paths)},
          {"format", result.format},
          {"whole", result.damage_count == 0 && !result.stopped},
          {"files", result.file_count},
          {"samples", result.sample_count},
          {"copies", result.copy_count + 1},
          {"bytes_read", result.bytes_read},
          {"fields_checked", result.fields_checked},
          {"fields_unchecked", result.fields_unchecked},
          {"pictures_decoded", result.pictures_checked},
          {"damage_count", result.damage_count},
          {"damages", damages}};
}

void print_damages(const formats::VerifyResult& result) {
  std::map<std::string, size_t> counts;
  for (const formats::Damage& damage : result.damages) {
    if (++counts[damage.path] > k_lines_a_file_limit) continue;
    const std::string key = damage.key.empty() ? "" : fmt::format(", sample {}", damage.key);
    fmt::print("{}", report::plain(fmt::format("  {} at byte {}{}: {}\n", damage.path,
                                               damage.offset_bytes, key, damage.what),
                                   true));
  }
  for (const auto& [path, count] : counts) {
    if (count <= k_lines_a_file_limit) continue;
    fmt::print("  {}: and {} more places (--json lists them)\n", path,
               format_count(count - k_lines_a_file_limit));
  }
}

void print_result(const std::string& path, const formats::VerifyResult& result) {
  if (result.stopped) {
    fmt::print("stopped before the end; damaged places so far: {}\n", result.damage_count);
  } else if (result.damage_count == 0 && result.fields_checked == 0) {
    fmt::print("readable, but there is no checksum to compare with: {}\n", path);
  } else if (result.damage_count == 0) {
    fmt::print("whole: {}\n", path);
  } else {
    fmt::print("damaged: {} in {}\n", counted(result.damage_count, "place"), path);
  }
  print_damages(result);
  fmt::print("  read {} in {} of {}, {}; {} checked", format_size(result.bytes_read),
             counted(result.file_count, "file"), result.format,
             counted(result.sample_count, "sample"), counted(result.fields_checked, "field"));
  if (result.fields_unchecked > 0) {
    fmt::print(", {} read without a checksum to check against",
               format_count(result.fields_unchecked));
  }
  if (result.pictures_checked > 0) {
    fmt::print(", {} decoded", counted(result.pictures_checked, "picture"));
  }
  if (result.copy_count > 0) fmt::print(", of {} copies", result.copy_count + 1);
  fmt::print("\n");
  if (result.damage_count > 0) {
    fmt::print(
        "next: remove the damaged shards and run their headrace pack again, or feed with "
        "--on-error skip\n");
  }
}

void run_verify(const VerifyArguments& arguments, Session& session) {
  SteadyClock clock;
  std::optional<report::Progress> progress;
  uint64_t shown_bytes = 0;
  const auto show = [&](const formats::VerifyProgress& now) {
    if (!progress) {
      auto options = progress_options("verifying", now.bytes_total, "");
      options.bytes = true;
      progress.emplace(options, clock);
    }
    progress->advance(now.bytes_done - shown_bytes);
    shown_bytes = now.bytes_done;
  };
  const formats::VerifyResult result = formats::verify(
      arguments.paths, {.job_count = arguments.job_count,
                        .check_picture = arguments.decode ? decoding() : formats::PictureCheck(),
                        .progress = show,
                        .stop = session.interrupt.token()});
  if (progress) progress->finish();
  if (!arguments.json.empty()) write_json(arguments.json, document_of(arguments.paths, result));
  if (arguments.json != "-") print_result(pipeline::path_text(arguments.paths), result);
  if (result.damage_count > 0) session.exit_code = k_exit_found;
  if (result.stopped) session.exit_code = k_exit_interrupted;
}

}  // namespace

void add_verify(CLI::App& app, Session& session) {
  CLI::App* verb = app.add_subcommand("verify", "Reads every byte again and compares checksums");
  auto arguments = std::make_shared<VerifyArguments>();
  verb->add_option("DATASET", arguments->paths,
                   "a folder of shards, a tar, or an image tree; several are one data set")
      ->required();
  verb->add_option("--jobs", arguments->job_count, "files at the same time; 0 = one a core")
      ->capture_default_str();
  verb->add_flag("--decode", arguments->decode,
                 "decode each picture too: one that was packed broken has a good checksum");
  add_output_option(*verb, "--json", arguments->json,
                    "write the result as JSON to this file, or - for standard output");
  verb->footer("Exit status: 0 no damage found, 1 damaged.\nExample:\n  headrace verify packed");
  verb->callback([arguments, &session] { run_verify(*arguments, session); });
}

}  // namespace headrace::cli
