// The manifest of the folder says how many copies there are and which manifest each has.
#include "headrace/formats/copies.h"

#include "headrace/base/error.h"
#include "headrace/formats/joined_dataset.h"

namespace headrace::formats {
namespace {

ManifestCopies copies_in(Files& files, const std::string& folder) {
  const auto stat = files.stat(folder);
  if (!stat || !stat->is_folder) return {};
  const auto manifest = read_manifest(files, folder);
  return manifest ? manifest->copies : ManifestCopies{};
}

}  // namespace

std::string copy_path(const std::string& folder, uint64_t copy) {
  return copy == 0 ? folder : fmt::format("{}/copy-{}", folder, copy);
}

uint64_t copy_count(Files& files, const std::string& folder) {
  return 1 + copies_in(files, folder).manifest_hashes.size();
}

std::string copy_fault(Files& files, const std::string& folder, uint64_t copy) {
  const ManifestCopies known = copies_in(files, folder);
  const auto manifest = read_manifest(files, copy_path(folder, copy));
  if (!manifest) return "it has no manifest";
  return hash_of(*manifest) == known.manifest_hashes.at(copy - 1)
             ? ""
             : "its manifest is not the one that the data set was packed with";
}

std::unique_ptr<Dataset> open_copies(const std::string& folder, const OpenOptions& options) {
  const ManifestCopies known = copies_in(*options.files, folder);
  if (known.manifest_hashes.empty()) {
    throw Error({.code = Code::invalid_argument,
                 .action = "cannot read copies of",
                 .object = folder,
                 .cause = "it was packed once",
                 .hint = "pack it with --copies, or set order.shuffle to \"global\""});
  }
  std::vector<std::unique_ptr<Dataset>> parts;
  for (uint64_t copy = 0; copy <= known.manifest_hashes.size(); ++copy) {
    const std::string path = copy_path(folder, copy);
    std::string fault = copy == 0 ? "" : copy_fault(*options.files, folder, copy);
    if (fault.empty()) parts.push_back(Dataset::open(path, options));
    if (fault.empty() && parts.back()->sample_count() != parts.front()->sample_count()) {
      fault = fmt::format("it has {} samples, the first copy {}", parts.back()->sample_count(),
                          parts.front()->sample_count());
    }
    if (fault.empty()) continue;
    throw Error({.code = Code::corrupt,
                 .action = "cannot read the copy",
                 .object = path,
                 .cause = fault,
                 .hint = "run the same headrace pack again, or set order.shuffle to \"global\""});
  }
  const Copies copies{.count = parts.size(), .seed = known.seed};
  return std::make_unique<JoinedDataset>(std::move(parts), copies);
}

}  // namespace headrace::formats
