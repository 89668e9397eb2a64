// A shard counts as finished when its index is whole, bears the plan's stamp, and names the tar's
// size: both files are published whole, so nothing else needs to be read again.
#include "headrace/pack/output_folder.h"

#include <fcntl.h>
#include <sys/file.h>

#include <algorithm>

#include "headrace/base/error.h"
#include "headrace/formats/manifest.h"
#include "headrace/formats/shard_format.h"

namespace headrace::pack {
namespace {

constexpr uint64_t k_mark_limit_bytes = 4096;

std::string mark_text(const Plan& plan) {
  return fmt::format("{{\"plan\": \"{:016x}\", \"shards\": {}, \"samples\": {}}}\n", plan.hash(),
                     plan.shard_count(), plan.sample_count());
}

[[noreturn]] void refuse(const std::string& path, std::string cause) {
  throw Error({.code = Code::exists,
               .action = "cannot pack into",
               .object = path,
               .cause = std::move(cause),
               .hint = "choose another folder, or remove this one"});
}

}  // namespace

OutputFolder::OutputFolder(Files& files, std::string path, const Plan& plan)
    : files_(files), path_(std::move(path)), plan_(plan) {
  make_folders(files_, path_);
  lock();
  refuse_other_plans();
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

void OutputFolder::mark() {
  const std::string text = mark_text(plan_);
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
  if (has([](const FolderEntry& entry) { return entry.name == formats::k_packing_name; })) {
    const auto mark = read_file(files_, path_ + "/" + formats::k_packing_name, k_mark_limit_bytes);
    const std::string_view text(reinterpret_cast<const char*>(mark.data()), mark.size());
    if (text == mark_text(plan_)) return;
    refuse(path_, "a packing of other input or with other options was started in it");
  }
  const bool has_shards =
      has([](const FolderEntry& entry) { return formats::named_format(entry.name) != nullptr; });
  const bool has_manifest =
      has([](const FolderEntry& entry) { return entry.name == formats::k_manifest_name; });
  if (!has_shards && !has_manifest) return;
  for (uint64_t shard = 0; shard < plan_.shard_count(); ++shard) {
    if (!finished_shard(shard)) refuse(path_, "it holds shards of other input or other options");
  }
}

}  // namespace headrace::pack
