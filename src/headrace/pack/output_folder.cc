// A shard counts as finished when its index is whole, bears the plan's stamp, and names the tar's
// size: both files are published whole, so nothing else needs to be read again.
#include "headrace/pack/output_folder.h"

#include <fcntl.h>
#include <sys/file.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "headrace/base/error.h"
#include "headrace/formats/manifest.h"
#include "headrace/formats/shard_format.h"

namespace headrace::pack {
namespace {

constexpr uint64_t k_mark_limit_bytes = 4096;

[[noreturn]] void refuse(const std::string& path, std::string cause) {
  throw Error({.code = Code::exists,
               .action = "cannot pack into",
               .object = path,
               .cause = std::move(cause),
               .hint = "choose another folder, or remove this one"});
}

}  // namespace

OutputFolder::OutputFolder(Files& files, std::string path, const Plan& plan,
                           std::vector<std::string> packed_names)
    : files_(files), path_(std::move(path)), plan_(plan), packed_names_(std::move(packed_names)) {
  make_folders(files_, path_);
  lock();
  refuse_other_plans();
}

std::optional<std::vector<std::string>> OutputFolder::packed_names(Files& files,
                                                                   const std::string& path) {
  const std::string mark_path = path + "/" + formats::k_packing_name;
  if (files.stat(mark_path)) {
    const auto mark = read_file(files, mark_path, k_mark_limit_bytes);
    const auto text = reinterpret_cast<const char*>(mark.data());
    const auto parsed = nlohmann::json::parse(text, text + mark.size(), nullptr, false);
    std::vector<std::string> names;
    if (!parsed.is_object() || !parsed.contains("compressed")) return names;
    for (const auto& name : parsed["compressed"]) {
      if (name.is_string()) names.push_back(name.get<std::string>());
    }
    return names;
  }
  const auto manifest = formats::read_manifest(files, path);
  return manifest ? std::optional(manifest->field_names) : std::nullopt;
}

std::string OutputFolder::mark_text() const {
  nlohmann::ordered_json mark = {{"plan", fmt::format("{:016x}", plan_.hash())},
                                 {"shards", plan_.shard_count()},
                                 {"samples", plan_.sample_count()}};
  if (!packed_names_.empty()) mark["compressed"] = packed_names_;
  return mark.dump() + "\n";
}

std::string OutputFolder::shard_path(uint64_t shard_index) const {
  return path_ + "/" + plan_.shard_name(shard_index);
}

std::optional<formats::Index> OutputFolder::finished_shard(uint64_t shard_index) const {
  const std::string path = shard_path(shard_index);
  const auto stat = files_.stat(path);
  if (!stat) return std::nullopt;
  auto index =
      formats::Index::open(files_, path + formats::k_index_suffix, formats::BodyCheck::full);
  if (!index || index->facts().stamp != plan_.stamp(shard_index) ||
      index->facts().source_size_bytes != stat->size_bytes) {
    return std::nullopt;
  }
  return std::move(*index);
}

// Of a process that was killed: indexes are made under names of the process's own. Nobody else
// writes here as long as the lock is held.
void OutputFolder::remove_left_over() {
  const auto entries = files_.list(path_);
  if (!entries) throw_errno(entries.error(), "cannot list folder", path_);
  for (const FolderEntry& entry : *entries) {
    const bool half = entry.name.ends_with(".partial") || entry.name.contains(".hrx.");
    if (half && entry.name.starts_with("shard-") && !entry.is_folder)
      (void)files_.remove(path_ + "/" + entry.name);
  }
}

void OutputFolder::mark() {
  remove_left_over();
  const std::string text = mark_text();
  AtomicFile file(files_, path_ + "/" + formats::k_packing_name);
  file.append(std::as_bytes(std::span(text)));
  file.publish();
}

void OutputFolder::unmark() {
  const std::string mark = path_ + "/" + formats::k_packing_name;
  if (const auto removed = files_.remove(mark); !removed) {
    throw_errno(removed.error(), "cannot remove", mark);
  }
}

void OutputFolder::lock() {
  auto fd = files_.open(path_, O_RDONLY | O_DIRECTORY);
  if (!fd) throw_errno(fd.error(), "cannot open folder", path_);
  lock_ = std::move(*fd);
  // Other failures mean a file system without locks, where the user has to take care.
  if (::flock(lock_.get(), LOCK_EX | LOCK_NB) < 0 && errno == EWOULDBLOCK) {
    refuse(path_, "another process packs into it now");
  }
}

void OutputFolder::refuse_other_plans() const {
  const auto entries = files_.list(path_);
  if (!entries) throw_errno(entries.error(), "cannot list folder", path_);
  const auto has = [&](auto&& wanted) { return std::ranges::any_of(*entries, wanted); };
  const bool has_shards =
      has([](const FolderEntry& entry) { return formats::named_format(entry.name) != nullptr; });
  if (has([](const FolderEntry& entry) { return entry.name == formats::k_packing_name; })) {
    const auto mark = read_file(files_, path_ + "/" + formats::k_packing_name, k_mark_limit_bytes);
    const std::string_view text(reinterpret_cast<const char*>(mark.data()), mark.size());
    // One that failed before its first shard, of a list with a mistake say, left nothing to keep.
    if (text == mark_text() || !has_shards) return;
    refuse(path_, "a packing of other input or with other options was started in it");
  }
  const bool has_manifest =
      has([](const FolderEntry& entry) { return entry.name == formats::k_manifest_name; });
  if (!has_shards && !has_manifest) return;
  for (uint64_t shard = 0; shard < plan_.shard_count(); ++shard) {
    if (!finished_shard(shard)) refuse(path_, "it holds shards of other input or other options");
  }
}

}  // namespace headrace::pack
