// What a path is: shards, an image tree, or neither, and then what was looked for.
#include "headrace/formats/dataset.h"

#include <cstdlib>

#include "headrace/base/error.h"
#include "headrace/formats/image_folder.h"
#include "headrace/formats/shard_set.h"
#include "headrace/formats/token_dataset.h"

namespace headrace::formats {
namespace {

[[noreturn]] void throw_nothing_found(const std::string& path, bool has_partials) {
  throw Error(
      {.code = Code::not_found,
       .action = "cannot find samples in",
       .object = path,
       .cause =
           "it has no headrace.json, no shards (*.tar, *.tfrecord, *.mds ...), no token files, and "
           "no folders with .jpg, .png or .webp",
       .hint = has_partials ? "it has *.partial files: packing was stopped; run it again"
                            : "give the folder that holds the shards or the class folders"});
}

bool holds_partials(Files& files, const std::string& path) {
  const auto entries = files.list(path);
  if (!entries) return false;
  return std::ranges::any_of(
      *entries, [](const FolderEntry& entry) { return entry.name.ends_with(".partial"); });
}

// How much programs will write is not known.
PipeOptions pipes_of(const OpenOptions& options) {
  return {.cache_folder = options.cache_folder,
          .allowed = allowed_pipes(),
          .on_read = [&options, done_bytes = uint64_t{0}](uint64_t moved_bytes) mutable {
            done_bytes += moved_bytes;
            return !options.on_unpack || options.on_unpack(done_bytes, 0);
          }};
}

}  // namespace

std::unique_ptr<Dataset> Dataset::open(const std::string& path, const OpenOptions& options) {
  OpenOptions chosen = options;
  if (chosen.cache_folder.empty()) chosen.cache_folder = default_cache_folder();
  std::unique_ptr<Dataset> dataset;
  if (is_token_path(*chosen.files, path)) {
    dataset = TokenDataset::open(path, chosen);
  } else if (const auto shards = find_shards(*chosen.files, path, pipes_of(chosen))) {
    dataset = ShardSet::open(*shards, chosen);
  } else {
    dataset = ImageFolder::open(path, chosen);
  }
  if (!dataset) throw_nothing_found(path, holds_partials(*chosen.files, path));
  if (dataset->sample_count() == 0) {
    throw Error({.code = Code::not_found,
                 .action = "cannot find samples in",
                 .object = path,
                 .cause = "its shards are empty",
                 .hint = "members of a tar are named <key>.<field>, for example 000001.jpg"});
  }
  return dataset;
}

void Dataset::locate_all(std::span<const uint64_t> sample_ids,
                         std::span<Location> locations) const {
  for (size_t i = 0; i < sample_ids.size(); ++i) locations[i] = locate(sample_ids[i]);
}

std::string default_cache_folder() {
  if (const char* folder = std::getenv("HEADRACE_CACHE"); folder && *folder) return folder;
  if (const char* home = std::getenv("HOME"); home && *home) {
    return std::string(home) + "/.cache/headrace";
  }
  return "/tmp/headrace-cache";
}

}  // namespace headrace::formats
