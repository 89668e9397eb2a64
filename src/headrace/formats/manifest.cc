// Strict reading: known version, right types, totals that add up, names that stay in the folder.
#include "headrace/formats/manifest.h"

#include <fmt/ranges.h>

#include <nlohmann/json.hpp>

#include "headrace/base/error.h"
#include "headrace/base/hash.h"
#include "headrace/formats/tar.h"

namespace headrace::formats {
namespace {

using nlohmann::json;
constexpr uint64_t k_manifest_version = 1;
constexpr uint64_t k_limit_bytes = uint64_t{256} << 20;  // a million shards
constexpr int k_manifest_depth_limit = 8;

// What is wrong, as a sentence; caught within parse_manifest.
struct Wrong {
  std::string what;
};

bool is_plain_name(const std::string& name) {
  return is_safe_name(name) && name.find('/') == std::string::npos;
}

const json& member_of(const json& object, const char* key) {
  const auto at = object.is_object() ? object.find(key) : object.end();
  if (!object.is_object() || at == object.end()) throw Wrong{fmt::format("it lacks \"{}\"", key)};
  return *at;
}
uint64_t count_of(const json& object, const char* key) {
  const json& value = member_of(object, key);
  if (!value.is_number_unsigned()) throw Wrong{fmt::format("\"{}\" is not a count", key)};
  return value.get<uint64_t>();
}
std::string text_of(const json& object, const char* key) {
  const json& value = member_of(object, key);
  if (!value.is_string()) throw Wrong{fmt::format("\"{}\" is not a text", key)};
  return value.get<std::string>();
}
std::string name_of(const json& object, const char* key) {
  std::string name = text_of(object, key);
  if (!is_plain_name(name)) {
    throw Wrong{fmt::format("\"{}\" {} is not a plain file name", key, shown_name(name))};
  }
  return name;
}
uint64_t hash_of(const std::string& digits, const char* key) {
  if (digits.size() != 16 || digits.find_first_not_of("0123456789abcdef") != std::string::npos) {
    throw Wrong{fmt::format("\"{}\" is not 16 hexadecimal digits", key)};
  }
  return std::stoull(digits, nullptr, 16);
}
std::vector<std::string> texts_of(const json& object, const char* key) {
  const json& list = member_of(object, key);
  if (!list.is_array()) throw Wrong{fmt::format("\"{}\" is not a list", key)};
  std::vector<std::string> texts;
  for (const json& value : list) {
    if (!value.is_string()) throw Wrong{fmt::format("\"{}\" has something else than texts", key)};
    texts.push_back(value.get<std::string>());
  }
  return texts;
}

ManifestCopies copies_of(const json& root) {
  if (!root.contains("copies")) return {};
  const json& object = root["copies"];
  ManifestCopies copies{.seed = count_of(object, "seed"), .manifest_hashes = {}};
  for (const std::string& digits : texts_of(object, "manifests")) {
    copies.manifest_hashes.push_back(hash_of(digits, "manifests"));
  }
  return copies;
}

// Looked at beforehand: the library's own callback costs the square of the number of shards.
bool nests_deeper_than(int limit, std::string_view text) {
  int depth = 0;
  bool quoted = false;
  for (size_t i = 0; i < text.size(); ++i) {
    const char letter = text[i];
    if (quoted && letter == '\\') {
      ++i;
    } else if (letter == '"') {
      quoted = !quoted;
    } else if (!quoted && (letter == '[' || letter == '{') && ++depth > limit) {
      return true;
    } else if (!quoted && (letter == ']' || letter == '}')) {
      --depth;
    }
  }
  return false;
}

Manifest manifest_of(const json& root) {
  if (const uint64_t version = count_of(root, "version"); version != k_manifest_version) {
    throw Wrong{fmt::format("it has version {}; this build reads {}", version, k_manifest_version)};
  }
  Manifest manifest{.shards = {},
                    .field_names = texts_of(root, "fields"),
                    .class_names = texts_of(root, "classes"),
                    .sample_count = count_of(root, "samples"),
                    .size_bytes = count_of(root, "bytes"),
                    .made_by = text_of(root, "made_by"),
                    .copies = copies_of(root)};
  const json& shards = member_of(root, "shards");
  if (!shards.is_array()) throw Wrong{"\"shards\" is not a list"};
  uint64_t sample_count = 0, size_bytes = 0;
  for (const json& shard : shards) {
    manifest.shards.push_back({.name = name_of(shard, "name"),
                               .index_name = name_of(shard, "index"),
                               .sample_count = count_of(shard, "samples"),
                               .size_bytes = count_of(shard, "bytes"),
                               .checksum = hash_of(text_of(shard, "xxh3"), "xxh3")});
    sample_count += manifest.shards.back().sample_count;
    size_bytes += manifest.shards.back().size_bytes;
  }
  if (sample_count != manifest.sample_count || size_bytes != manifest.size_bytes) {
    throw Wrong{"its totals are not the sums of its shards"};
  }
  return manifest;
}

}  // namespace

std::string to_json(const Manifest& manifest) {
  nlohmann::ordered_json root;
  root["version"] = k_manifest_version;
  root["made_by"] = manifest.made_by;
  root["samples"] = manifest.sample_count;
  root["bytes"] = manifest.size_bytes;
  root["fields"] = manifest.field_names;
  root["classes"] = manifest.class_names;
  if (!manifest.copies.manifest_hashes.empty()) {
    auto& copies = root["copies"];
    copies["seed"] = manifest.copies.seed;
    for (const uint64_t hash : manifest.copies.manifest_hashes) {
      copies["manifests"].push_back(fmt::format("{:016x}", hash));
    }
  }
  root["shards"] = nlohmann::ordered_json::array();
  for (const ManifestShard& shard : manifest.shards) {
    nlohmann::ordered_json entry;
    entry["name"] = shard.name;
    entry["index"] = shard.index_name;
    entry["samples"] = shard.sample_count;
    entry["bytes"] = shard.size_bytes;
    entry["xxh3"] = fmt::format("{:016x}", shard.checksum);
    root["shards"].push_back(std::move(entry));
  }
  return root.dump(2, ' ', false, json::error_handler_t::replace) + "\n";
}

uint64_t hash_of(const Manifest& manifest) { return xxh3(to_json(manifest)); }

std::expected<Manifest, std::string> parse_manifest(std::string_view text) {
  try {
    if (nests_deeper_than(k_manifest_depth_limit, text)) throw Wrong{"it is nested too deeply"};
    return manifest_of(json::parse(text));
  } catch (const Wrong& wrong) {
    return std::unexpected(wrong.what);
  } catch (const std::exception& error) {
    return std::unexpected(std::string(error.what()));
  }
}

std::optional<Manifest> read_manifest(Files& files, const std::string& folder) {
  const std::string path = folder + "/" + k_manifest_name;
  if (const auto stat = files.stat(path); !stat) {
    if (stat.error() == ENOENT) return std::nullopt;
    throw_errno(stat.error(), "cannot read manifest", path);
  }
  const auto bytes = read_file(files, path, k_limit_bytes);
  auto manifest = parse_manifest({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
  if (manifest) return std::move(*manifest);
  throw Error({.code = Code::corrupt,
               .action = "cannot read manifest",
               .object = path,
               .cause = manifest.error(),
               .hint = "pack again, or remove it to read all *.tar of the folder"});
}

void write_manifest(Files& files, const std::string& folder, const Manifest& manifest) {
  AtomicFile file(files, folder + "/" + k_manifest_name);
  const std::string text = to_json(manifest);
  file.append(std::as_bytes(std::span(text)));
  file.publish();
}

}  // namespace headrace::formats
