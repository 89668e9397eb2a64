// Options that pack and convert share: of shards and of compression, and what compressing came to.
// Thread safety: main's thread only.
#pragma once

#include <CLI/CLI.hpp>

#include <map>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>

#include "headrace/pack/pack.h"

namespace headrace::cli {

struct CompressArguments {
  std::string codec = "none";
  std::optional<int> level = {};
};

// By the names that options take.
std::map<std::string, const formats::ShardFormat*> writable_formats();
void add_on_error_option(CLI::App& verb, pack::OnError& on_error);
void add_shard_size_option(CLI::App& verb, std::string& shard_size);
void add_compress_options(CLI::App& verb, CompressArguments& arguments);
pack::Compress compress_of(const CompressArguments& arguments);  // throws Error: no such level
nlohmann::ordered_json compression_document(const pack::CodecChoice& choice);
void print_compression(const pack::CodecChoice& choice);
nlohmann::ordered_json skipped_document(const pack::PackResult& result);
void print_skipped(const pack::PackResult& result);

}  // namespace headrace::cli
