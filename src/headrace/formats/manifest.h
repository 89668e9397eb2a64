// headrace.json: what pack wrote into a folder, put there last. Page: docs/formats/manifest.md.
// Thread safety: values and pure functions. Invariant: shard names are plain names within the
// folder.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "headrace/base/files.h"

namespace headrace::formats {

inline constexpr const char* k_manifest_name = "headrace.json";
inline constexpr const char* k_packing_name =
    "headrace.packing.json";  // stands while pack is at work

struct ManifestShard {
  std::string name;
  std::string index_name;
  uint64_t sample_count = 0;
  uint64_t size_bytes = 0;
  uint64_t checksum = 0;  // xxh3 of the whole shard
  bool operator==(const ManifestShard&) const = default;
};

// What else lies in the folder: the same samples in other orders, each in a folder of its own.
struct ManifestCopies {
  uint64_t seed = 0;
  std::vector<uint64_t>
      manifest_hashes;  // of copies 1, 2 ...: hash_of() what lies in their folders
  bool operator==(const ManifestCopies&) const = default;
};

struct Manifest {
  std::vector<ManifestShard> shards;
  std::vector<std::string> field_names;
  std::vector<std::string> class_names;  // class_names[cls] names the class; empty when not known
  uint64_t sample_count = 0;             // of all shards
  uint64_t size_bytes = 0;
  std::string made_by;
  ManifestCopies copies = {};
  bool operator==(const Manifest&) const = default;
};

std::string to_json(const Manifest& manifest);
uint64_t hash_of(const Manifest& manifest);  // xxh3 of the file's bytes
// The error is a sentence; no exception escapes.
std::expected<Manifest, std::string> parse_manifest(std::string_view text);
// Throws Error when the file is there and cannot be believed; nothing when it is not there.
std::optional<Manifest> read_manifest(Files& files, const std::string& folder);
void write_manifest(Files& files, const std::string& folder, const Manifest& manifest);

}  // namespace headrace::formats
