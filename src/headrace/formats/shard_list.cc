// Looking before believing: a file must begin as its format does, a folder must not be half-packed.
#include "headrace/formats/shard_list.h"

#include <fcntl.h>

#include <algorithm>
#include <cstdlib>

#include "headrace/base/error.h"
#include "headrace/formats/brace_list.h"
#include "headrace/formats/image_folder.h"

namespace headrace::formats {
namespace {

struct OpenedFile {
  OpenedFile(Files& files, const std::string& path) {
    auto opened = files.open(path, O_RDONLY);
    if (!opened) throw_errno(opened.error(), "cannot open", path);
    fd = std::move(*opened);
    const auto stat = files.stat(fd.get());
    if (!stat) throw_errno(stat.error(), "cannot read the size of", path);
    source = file_source(files, fd.get(), stat->size_bytes, path);
  }
  UniqueFd fd;
  ByteSource source;
};

[[noreturn]] void throw_unknown(const std::string& path) {
  const bool packed = path.ends_with("gz") || path.ends_with("bz2") || path.ends_with("xz") ||
                      path.ends_with("zst");
  throw Error({.code = packed ? Code::unsupported : Code::corrupt,
               .action = "cannot read as a shard",
               .object = path,
               .cause = "it begins like no known format, and its name calls for none",
               .hint = packed ? "samples of a compressed tar cannot be read one by one: unpack it"
                              : "give shards, a folder of shards or a folder of class folders"});
}

const ShardFormat* known_format(Files& files, const std::string& path) {
  if (const ShardFormat* format = format_of_file(files, path)) return format;
  throw_unknown(path);
}

// WebDataset's words for a list that is no path: programs' outputs, parts, braces, variables.
std::optional<std::string> environment_variable(const std::string& name) {
  const char* value = std::getenv(name.c_str());
  return value != nullptr ? std::optional<std::string>(value) : std::nullopt;
}

ShardList from_list(Files& files, const std::string& path, const PipeOptions& pipes) {
  auto paths = expand_list(path, environment_variable);
  if (!paths) {
    throw Error({.code = Code::invalid_argument,
                 .action = "cannot read the list of shards",
                 .object = path,
                 .cause = paths.error(),
                 .hint = "write it like train-{000..012}.tar::more.tar"});
  }
  fetch_pipes(files, *paths, pipes);
  const ShardFormat* format = known_format(files, paths->front());
  return {.paths = std::move(*paths), .manifest = {}, .format = format};
}

// Runs of digits as numbers, the rest as text.
bool numbers_before(const std::string& a, const std::string& b) {
  size_t i = 0, j = 0;
  const auto is_digit = [](char letter) { return letter >= '0' && letter <= '9'; };
  const auto digits = [&](const std::string& text, size_t& at) {
    while (at + 1 < text.size() && text[at] == '0' && is_digit(text[at + 1])) ++at;
    const size_t begin = at;
    while (at < text.size() && is_digit(text[at])) ++at;
    return std::string_view(text).substr(begin, at - begin);
  };
  while (i < a.size() && j < b.size()) {
    if (is_digit(a[i]) && is_digit(b[j])) {
      const std::string_view left = digits(a, i), right = digits(b, j);
      if (left.size() != right.size()) return left.size() < right.size();
      if (left != right) return left < right;
    } else if (a[i] != b[j]) {
      return a[i] < b[j];
    } else {
      ++i, ++j;
    }
  }
  return std::pair(a.size() - i, std::string_view(a)) <
         std::pair(b.size() - j, std::string_view(b));
}

// The files of the first format that a folder's names call for; none: nothing.
std::optional<ShardList> by_names(const std::string& folder,
                                  const std::vector<FolderEntry>& entries) {
  const bool holds_others = std::ranges::any_of(entries, [](const FolderEntry& entry) {
    return entry.is_folder || has_image_extension(entry.name);
  });
  for (const ShardFormat* format : shard_formats()) {
    if (format->only_alone && holds_others) continue;
    ShardList list{.paths = {}, .manifest = {}, .format = format};
    for (const FolderEntry& entry : entries) {
      if (entry.is_folder || !format->has_name(entry.name)) continue;
      list.paths.push_back(folder + "/" + entry.name);
    }
    if (format->by_numbers) std::ranges::sort(list.paths, numbers_before);
    if (!list.paths.empty()) return list;
  }
  return std::nullopt;
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

// The name of a damaged file decides, so that it is told of in its own format's words.
const ShardFormat* format_of_file(Files& files, const std::string& path) {
  const OpenedFile opened(files, path);
  const ShardFormat* format = recognize(opened.source);
  return format != nullptr ? format : named_format(path);
}

std::optional<ShardList> find_shards(Files& files, const std::string& path,
                                     const PipeOptions& pipes) {
  const auto stat = files.stat(path);
  if (!stat) {
    const bool is_list =
        path.starts_with(k_pipe_prefix) || path.contains('{') || path.contains("::");
    if (is_list) return from_list(files, path, pipes);
    throw_errno(stat.error(), "cannot open data set", path);
  }
  if (!stat->is_folder) {
    return ShardList{.paths = {path}, .manifest = {}, .format = known_format(files, path)};
  }
  const auto entries = files.list(path);
  if (!entries) throw_errno(entries.error(), "cannot list folder", path);
  refuse_half_packed(*entries, path);
  ShardList list{.paths = {}, .manifest = read_manifest(files, path)};
  if (!list.manifest) return by_names(path, *entries);
  for (const ManifestShard& shard : list.manifest->shards) {
    list.paths.push_back(path + "/" + shard.name);
  }
  if (!list.paths.empty()) list.format = known_format(files, list.paths.front());
  return list;
}

}  // namespace headrace::formats
