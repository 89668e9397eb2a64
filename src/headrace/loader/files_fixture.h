// For tests: a data set whose samples are given as bytes, a field each, in one real file.
// Thread safety: const once made.
#pragma once

#include <string>
#include <vector>

#include "headrace/base/files.h"
#include "headrace/base/hash.h"
#include "headrace/base/temp_folder.h"
#include "headrace/formats/dataset.h"

namespace headrace::loader {

class FilesDataset final : public formats::Dataset {
 public:
  using Samples = std::vector<std::vector<std::byte>>;
  FilesDataset(std::string field, const Samples& samples)
      : FilesDataset(std::vector{std::move(field)}, {samples}) {}
  // As many samples of each field.
  FilesDataset(std::vector<std::string> names, const std::vector<Samples>& fields)
      : names_(std::move(names)), extents_(fields[0].size()) {
    AtomicFile file(real_files(), folder_ / "all");
    for (size_t sample = 0; sample < extents_.size(); ++sample) {
      for (const Samples& field : fields) {
        const auto& bytes = field[sample];
        extents_[sample].push_back({.offset_bytes = file.size_bytes(),
                                    .length_bytes = bytes.size(),
                                    .checksum = xxh3(bytes)});
        file.append(bytes);
      }
    }
    size_bytes_ = file.size_bytes();
    file.publish();
  }
  const std::string& format() const override { return format_; }
  uint64_t sample_count() const override { return extents_.size(); }
  const std::vector<std::string>& field_names() const override { return names_; }
  uint64_t file_count() const override { return 1; }
  formats::FileInfo file(uint64_t) const override {
    return {.path = folder_ / "all", .size_bytes = size_bytes_, .sample_count = 0};
  }
  formats::Location locate(uint64_t sample_id) const override {
    return {.file_index = 0, .fields = extents_[sample_id]};
  }
  std::string key(uint64_t sample_id) const override { return std::to_string(sample_id); }
  uint64_t size_bytes() const override { return size_bytes_; }
  uint64_t fingerprint() const override { return extents_.size(); }
  uint64_t first_sample(uint64_t) const override { return 0; }

 private:
  TempFolder folder_;
  std::string format_ = "files";
  std::vector<std::string> names_;
  std::vector<std::vector<formats::FieldExtent>> extents_;
  uint64_t size_bytes_ = 0;
};

}  // namespace headrace::loader
