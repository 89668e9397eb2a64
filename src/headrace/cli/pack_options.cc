// Options that pack and convert share: of shards and of compression.
#include "headrace/cli/pack_options.h"

#include <nlohmann/json.hpp>

#include "headrace/base/error.h"
#include "headrace/base/sizes.h"
#include "headrace/report/text.h"

namespace headrace::cli {
namespace {

// What --compress takes besides none and auto.
std::map<std::string, codec::Kind> written_codecs() {
  std::map<std::string, codec::Kind> written;
  using enum codec::Kind;
  for (const codec::Kind kind : {zstd, lz4, gzip, snappy}) {
    written.emplace(codec::name_of(kind), kind);
  }
  return written;
}

double rate_of(const pack::CodecTrial& trial) {
  return trial.unpack_seconds > 0 ? static_cast<double>(trial.plain_bytes) / trial.unpack_seconds
                                  : 0;
}

// "" = not measured.
std::string store_text(const pack::StoreRate& store) {
  if (store.bytes_per_second == 0) return "";
  const auto rate = [](double bytes) { return format_size(static_cast<uint64_t>(bytes)); };
  return fmt::format(
      " and this store: {}/s in large reads, {} random reads/s of {} in which a byte less saves "
      "what "
      "{}/s would",
      rate(store.bytes_per_second),
      format_count(static_cast<uint64_t>(store.random_reads_per_second)),
      format_size(store.random_read_bytes), rate(std::min(store.further_bytes_per_second, 1e15)));
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
          {"store_bytes_per_second", choice.store.bytes_per_second},
          {"random_reads_per_second", choice.store.random_reads_per_second},
          {"random_read_bytes", choice.store.random_read_bytes},
          {"further_bytes_per_second", choice.store.further_bytes_per_second},
          {"trials", trials}};
}

void print_compression(const pack::CodecChoice& choice) {
  for (const auto& [name, codec] : choice.codecs) {
    fmt::print("  {} is stored as {}\n", name, codec.stored_name(name));
  }
  if (choice.trials.empty()) return;
  fmt::print("  tried on {}{}:\n", counted(choice.sample_count, "sample"),
             store_text(choice.store));
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

nlohmann::ordered_json skipped_document(const pack::PackResult& result) {
  nlohmann::ordered_json skipped = nlohmann::ordered_json::array();
  for (const pack::Skipped& sample : result.skipped) {
    skipped.push_back({{"name", sample.name}, {"why", sample.why}});
  }
  return skipped;
}

void print_skipped(const pack::PackResult& result) {
  if (result.skipped_count == 0) return;
  fmt::print("  {} skipped:\n", counted(result.skipped_count, "sample"));
  for (const pack::Skipped& sample : result.skipped) {
    fmt::print("    {}: {}\n", report::plain(sample.name), report::plain(sample.why));
  }
}

void add_on_error_option(CLI::App& verb, pack::OnError& on_error) {
  const std::map<std::string, pack::OnError> choices = {{"fail", pack::OnError::fail},
                                                        {"skip", pack::OnError::skip}};
  verb.add_option_function<std::string>(
          "--on-error",
          [&on_error, choices](const std::string& word) { on_error = choices.at(word); },
          "when a sample cannot be read or a picture is none: end the run, or leave it out and "
          "list it")
      ->default_str("fail")
      ->check(CLI::IsMember({"fail", "skip"}));
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
