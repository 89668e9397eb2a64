// headrace inspect: what is in a data set.
#include "headrace/formats/inspect.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "headrace/base/sizes.h"
#include "headrace/cli/bytes_at_start.h"
#include "headrace/cli/exit_codes.h"
#include "headrace/cli/output.h"
#include "headrace/cli/verbs.h"
#include "headrace/pipeline/job.h"
#include "headrace/report/text.h"

namespace headrace::cli {
namespace {

constexpr size_t k_bar_width = 40;
constexpr size_t k_shards_listed_limit = 20;

struct InspectArguments {
  std::vector<std::string> paths = {};
  std::string json = {};
  bool all_shards = false;
};

nlohmann::ordered_json field_document(const formats::FieldFacts& field) {
  nlohmann::ordered_json histogram = nlohmann::ordered_json::array();
  for (size_t power = 0; power < field.histogram.size(); ++power) {
    if (field.histogram[power] == 0) continue;
    histogram.push_back({{"from_bytes", uint64_t{1} << power}, {"count", field.histogram[power]}});
  }
  return {{"name", field.name},
          {"inline", field.is_inline},
          {"samples", field.sample_count},
          {"bytes", field.total_bytes},
          {"min_bytes", field.min_bytes},
          {"median_bytes", field.median_bytes},
          {"mean_bytes", field.mean_bytes},
          {"max_bytes", field.max_bytes},
          {"histogram", histogram}};
}

nlohmann::ordered_json document_of(const std::vector<std::string>& paths,
                                   const formats::DatasetFacts& facts) {
  nlohmann::ordered_json fields = nlohmann::ordered_json::array();
  for (const formats::FieldFacts& field : facts.fields) fields.push_back(field_document(field));
  nlohmann::ordered_json shards = nlohmann::ordered_json::array();
  for (const formats::ShardFacts& shard : facts.shards) {
    shards.push_back({{"path", shard.path},
                      {"bytes", shard.size_bytes},
                      {"samples", shard.sample_count},
                      {"index", name_of(shard.health)},
                      {"checksum", shard.has_checksum},
                      {"note", shard.note}});
  }
  return {{"path", path_document(paths)},
          {"format", facts.format},
          {"samples", facts.sample_count},
          {"copies", facts.copy_count},
          {"files", facts.file_count},
          {"bytes", facts.size_bytes},
          {"classes", facts.class_names.size()},
          {"fields", fields},
          {"images_sampled", facts.images_sampled},
          {"image_kinds", facts.image_kinds},
          {"shards", shards}};
}

void print_field(const formats::FieldFacts& field) {
  const std::string name = report::plain(field.name);  // it must not paint the terminal
  if (field.is_inline) {
    fmt::print("  {:<8} {}, an integer each (no bytes)\n", name,
               counted(field.sample_count, "sample"));
    return;
  }
  fmt::print("  {:<8} {}, {}; min {}, median {}, mean {}, max {}\n", name,
             counted(field.sample_count, "sample"), format_size(field.total_bytes),
             format_size(field.min_bytes), format_size(field.median_bytes),
             format_size(field.mean_bytes), format_size(field.max_bytes));
  const uint64_t most = std::ranges::max(field.histogram);
  if (most == 0 || field.min_bytes == field.max_bytes) return;
  for (size_t power = 0; power < field.histogram.size(); ++power) {
    const uint64_t count = field.histogram[power];
    if (count == 0) continue;
    std::string bar;
    for (size_t cell = 0; cell < (count * k_bar_width + most - 1) / most; ++cell) bar += "█";
    fmt::print("    {:>9} {:<{}} {}\n", format_size(uint64_t{1} << power), bar, k_bar_width,
               format_count(count));
  }
}

void print_shards(const formats::DatasetFacts& facts, bool all) {
  if (facts.shards.empty()) return;
  uint64_t healthy_count = 0;
  for (const formats::ShardFacts& shard : facts.shards) {
    if (shard.health == formats::IndexHealth::present) ++healthy_count;
  }
  fmt::print("indexes: {} of {} present and agreeing with their shard\n",
             format_count(healthy_count), format_count(facts.shards.size()));
  size_t listed_count = 0;
  for (const formats::ShardFacts& shard : facts.shards) {
    if (!all && ++listed_count > k_shards_listed_limit) {
      fmt::print("  ... and {} more (--shards lists all)\n",
                 format_count(facts.shards.size() - k_shards_listed_limit));
      return;
    }
    fmt::print("  {}  {}, {}, index {}{}{}\n", report::plain(shard.path),
               format_size(shard.size_bytes), counted(shard.sample_count, "sample"),
               name_of(shard.health), shard.has_checksum ? ", checksum" : "",
               shard.note.empty() ? "" : ": " + report::plain(shard.note));
  }
}

void print_facts(const InspectArguments& arguments, const formats::DatasetFacts& facts) {
  fmt::print("{}: {}, {} in {}, {}", pipeline::path_text(arguments.paths), facts.format,
             counted(facts.sample_count, "sample"), counted(facts.file_count, "file"),
             format_size(facts.size_bytes));
  if (!facts.class_names.empty()) fmt::print(", {}", counted(facts.class_names.size(), "class"));
  if (facts.copy_count > 1) fmt::print(", the first of {} copies", facts.copy_count);
  fmt::print("\nfields:\n");
  for (const formats::FieldFacts& field : facts.fields) print_field(field);
  if (facts.images_sampled > 0) {
    fmt::print("images ({} looked into):\n", format_count(facts.images_sampled));
    for (const auto& [kind, count] : facts.image_kinds) {
      fmt::print("  {:<40} {}\n", kind, format_count(count));
    }
  }
  print_shards(facts, arguments.all_shards);
}

void run_inspect(const InspectArguments& arguments, const Session& session) {
  BytesAtStart unpack("unpacking", false, session.interrupt.token());
  const formats::DatasetFacts facts =
      formats::inspect(arguments.paths, {.open = {.on_unpack = std::ref(unpack)}});
  if (!arguments.json.empty()) write_json(arguments.json, document_of(arguments.paths, facts));
  if (arguments.json != "-") print_facts(arguments, facts);
}

}  // namespace

void add_inspect(CLI::App& app, Session& session) {
  CLI::App* verb = app.add_subcommand(
      "inspect", "Shows what is in a data set: samples, fields, sizes, image kinds, index health");
  auto arguments = std::make_shared<InspectArguments>();
  verb->add_option("DATASET", arguments->paths,
                   "a folder of shards, a tar, or an image tree; several are one data set")
      ->required();
  verb->add_flag("--shards", arguments->all_shards, "list every shard");
  add_output_option(*verb, "--json", arguments->json,
                    "write the facts as JSON to this file, or - for standard output");
  verb->footer("Example:\n  headrace inspect packed");
  verb->callback([arguments, &session] { run_inspect(*arguments, session); });
}

}  // namespace headrace::cli
