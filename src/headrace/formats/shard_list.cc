// Looking before believing: a file must begin as a tar does, and a folder must not be half-packed.
#include "headrace/formats/shard_list.h"

#include <fcntl.h>

#include "headrace/base/error.h"
#include "headrace/formats/brace_list.h"
#include "headrace/formats/tar.h"

namespace headrace::formats {
namespace {

ShardList from_braces(const std::string& path) {
  auto paths = expand_braces(path);
  if (!paths) {
    throw Error({.code = Code::invalid_argument,
                 .action = "cannot read the list of shards",
                 .object = path,
                 .cause = paths.error(),
                 .hint = "write it like train-{000..012}.tar"});
  }
  return {.paths = std::move(*paths), .manifest = {}};
}

ShardList from_file(Files& files, const std::string& path, const FileStat& stat) {
  const auto fd = files.open(path, O_RDONLY);
  if (!fd) throw_errno(fd.error(), "cannot open", path);
  const auto first = TarScanner(file_source(files, fd->get(), stat.size_bytes)).next();
  if (!first) {
    const bool packed = path.ends_with("gz") || path.ends_with("bz2") || path.ends_with("xz") ||
                        path.ends_with("zst");
    throw Error({.code = packed ? Code::unsupported : Code::corrupt,
                 .action = "cannot read as a tar",
                 .object = path,
                 .offset_bytes = first.error().offset_bytes,
                 .cause = first.error().what,
                 .hint = packed ? "samples of a compressed tar cannot be read one by one: unpack it"
                                : "give a tar, a folder of tars or a folder of class folders"});
  }
  return {.paths = {path}, .manifest = {}};
}

void refuse_half_packed(const std::vector<FolderEntry>& entries, const std::string& folder) {
  for (const FolderEntry& entry : entries) {
    if (entry.name != k_packing_name) continue;
    throw Error({.code = Code::invalid_argument,
                 .action = "cannot read data set",
                 .object = folder,
                 .cause = "packing into it has not finished",
                 .hint = "run the same headrace pack again; it keeps the finished shards"});
  }
}

}  // namespace

std::optional<ShardList> find_shards(Files& files, const std::string& path) {
  const auto stat = files.stat(path);
  if (!stat) {
    if (path.find('{') != std::string::npos) return from_braces(path);
    throw_errno(stat.error(), "cannot open data set", path);
  }
  if (!stat->is_folder) return from_file(files, path, *stat);
  const auto entries = files.list(path);
  if (!entries) throw_errno(entries.error(), "cannot list folder", path);
  refuse_half_packed(*entries, path);
  ShardList list{.paths = {}, .manifest = read_manifest(files, path)};
  if (list.manifest) {
    for (const ManifestShard& shard : list.manifest->shards) {
      list.paths.push_back(path + "/" + shard.name);
    }
    return list;
  }
  for (const FolderEntry& entry : *entries) {
    if (!entry.is_folder && entry.name.ends_with(".tar")) {
      list.paths.push_back(path + "/" + entry.name);
    }
  }
  if (list.paths.empty()) return std::nullopt;
  return list;
}

}  // namespace headrace::formats
