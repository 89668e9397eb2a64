// Options that pack and convert share: of shards and of compression.
#include "headrace/cli/pack_options.h"

#include <nlohmann/json.hpp>

#include "headrace/base/error.h"
#include "headrace/base/sizes.h"

namespace headrace::cli {
namespace {

// What --compress takes besides none and auto.
std::map<std::string, codec::Kind> written_codecs() {
  std::map<std::string, codec::Kind> written;
  for (const codec::Kind kind : {codec::Kind::zstd, codec::Kind::lz4, codec::Kind::gzip}) {
    written.emplace(codec::name_of(kind), kind);
  }
  return written;
}

double rate_of(const pack::CodecTrial& trial) {
  return trial.unpack_seconds > 0 ? static_cast<double>(trial.plain_bytes) / trial.unpack_seconds
                                  : 0;
}

}  // namespace

std::map<std::string, const formats::ShardFormat*> writable_formats() {
  std::map<std::string, const formats::ShardFormat*> writable = {{"tar", &formats::k_tar_format}};
  for (const formats::ShardFormat* format : formats::shard_formats()) {
    if (format->encode != nullptr) writable.emplace(format->name, format);
  }
  return writable;
}

pack::Compress compress_of(const CompressArguments& arguments) {
  const auto written = written_codecs();
  const auto found = written.find(arguments.codec);
  if (found == written.end()) {
    if (arguments.level) {
      throw Error({.code = Code::invalid_argument,
                   .action = "cannot take",
                   .object = "--compress-level",
                   .cause = "it needs a --compress that names a codec"});
    }
    return {.measured = arguments.codec == "auto"};
  }
  const codec::Level level = *codec::level_of(found->second);
  const int wanted = arguments.level.value_or(level.standard);
  if (wanted < level.least || wanted > level.most) {
    throw Error(
        {.code = Code::invalid_argument,
         .action = "cannot take",
         .object = fmt::format("--compress-level {}", wanted),
         .cause = fmt::format("{} has levels {} to {}", found->first, level.least, level.most)});
  }
  return {.codec = {.kind = found->second, .level = wanted}};
}

nlohmann::ordered_json compression_document(const pack::CodecChoice& choice) {
  nlohmann::ordered_json fields = nlohmann::ordered_json::object();
  for (const auto& [name, codec] : choice.codecs) fields[name] = codec::name_of(codec.kind);
  nlohmann::ordered_json trials = nlohmann::ordered_json::array();
  for (const pack::CodecTrial& trial : choice.trials) {
    trials.push_back({{"field", trial.field_name},
                      {"codec", codec::name_of(trial.codec.kind)},
                      {"level", trial.codec.level},
                      {"plain_bytes", trial.plain_bytes},
                      {"packed_bytes", trial.packed_bytes},
                      {"unpack_bytes_per_second", rate_of(trial)},
                      {"chosen", trial.chosen}});
  }
  return {{"fields", fields},
          {"samples_tried", choice.sample_count},
          {"store_bytes_per_second", choice.store_bytes_per_second},
          {"trials", trials}};
}

void print_compression(const pack::CodecChoice& choice) {
  for (const auto& [name, codec] : choice.codecs) {
    fmt::print("  {} is stored as {}\n", name, codec.stored_name(name));
  }
  if (choice.trials.empty()) return;
  fmt::print("  tried on {}{}:\n", counted(choice.sample_count, "sample"),
             choice.store_bytes_per_second > 0
                 ? fmt::format(" and this store, which gives {}/s",
                               format_size(static_cast<uint64_t>(choice.store_bytes_per_second)))
                 : "");
  for (const pack::CodecTrial& trial : choice.trials) {
    fmt::print(
        "    {} by {}: {:.0f} % left{}{}\n", trial.field_name, codec::name_of(trial.codec.kind),
        100.0 * static_cast<double>(trial.packed_bytes) /
            static_cast<double>(std::max<uint64_t>(trial.plain_bytes, 1)),
        trial.unpack_seconds > 0 ? fmt::format(", unpacks {}/s a core",
                                               format_size(static_cast<uint64_t>(rate_of(trial))))
                                 : "",
        trial.chosen ? " (chosen)" : "");
  }
}

void add_compress_options(CLI::App& verb, CompressArguments& arguments) {
  std::vector<std::string> compressions = {"none", "auto"};
  for (const auto& entry : written_codecs()) compressions.push_back(entry.first);
  verb.add_option("--compress", arguments.codec,
                  "fields that shrink, each in frames of its own; auto measures whether it pays "
                  "on this store")
      ->capture_default_str()
      ->check(CLI::IsMember(compressions));
  verb.add_option("--compress-level", arguments.level,
                  "of the codec; higher is smaller and slower to pack");
}

void add_shard_size_option(CLI::App& verb, std::string& shard_size) {
  verb.add_option("--shard-size", shard_size, "bytes a shard, for example 256M")
      ->capture_default_str()
      ->check([](const std::string& text) {
        const auto size = parse_size(text);
        return !size        ? size.error()
               : *size == 0 ? "a shard of 0 bytes holds nothing"
                            : std::string();
      });
}

}  // namespace headrace::cli
