// Finding, packing and reading the photo set.
#include "photo_sets.h"

#include <fcntl.h>
#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>

#include "headrace/base/error.h"
#include "headrace/base/files.h"
#include "headrace/pack/lossless_recode.h"
#include "headrace/pack/pack.h"

namespace headrace::bench {
namespace {

void pack_once(const std::string& photos, const std::string& output, bool recode) {
  fmt::print(stderr, "packing {} (kept for next time)\n", output);
  pack::PackOptions options{.input = photos, .output = output};
  if (recode) options.recode = pack::lossless_recode();
  pack::pack(options, {});
}

}  // namespace

PhotoSets prepare_photo_sets(const std::string& photos) {
  const char* from_environment = std::getenv("HEADRACE_PHOTOS");
  const std::string cache = formats::default_cache_folder();
  // The number is the index's version: a folder of another one would not be packed into.
  PhotoSets sets{
      .folder = photos, .packed = cache + "/bench-packed-2", .plain = cache + "/bench-plain-2"};
  if (sets.folder.empty() && from_environment != nullptr) sets.folder = from_environment;
  if (sets.folder.empty()) sets.folder = cache + "/photos-v1";
  if (!real_files().stat(sets.folder)) {
    throw Error({.code = Code::not_found,
                 .action = "cannot find photos in",
                 .object = sets.folder,
                 .hint = "./run demo makes the photo set; or name a folder with --photos"});
  }
  pack_once(sets.folder, sets.packed, true);
  pack_once(sets.folder, sets.plain, false);
  return sets;
}

std::vector<std::vector<std::byte>> read_pictures(const formats::Dataset& dataset) {
  const auto& names = dataset.field_names();
  const auto field = static_cast<size_t>(std::ranges::find(names, "jpg") - names.begin());
  std::vector<std::vector<std::byte>> pictures;
  std::string open_path;
  UniqueFd fd;
  for (uint64_t sample = 0; sample < dataset.sample_count(); ++sample) {
    const formats::Location location = dataset.locate(sample);
    const std::string path = dataset.file(location.file_index).path;
    if (path != open_path) {
      fd = *real_files().open(path, O_RDONLY);
      open_path = path;
    }
    const formats::FieldExtent& extent = location.fields[field];
    pictures.emplace_back(extent.length_bytes);
    const auto read = real_files().read_at(fd.get(), pictures.back(), extent.offset_bytes);
    if (!read) throw_errno(read.error(), "cannot read", path, extent.offset_bytes);
  }
  return pictures;
}

}  // namespace headrace::bench
