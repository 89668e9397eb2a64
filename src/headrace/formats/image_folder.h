// An image tree as a data set: "jpg" (the file, of whatever image type), and as values "cls" (its
// folder's number) or the columns of a table of labels (image_labels.h). Thread safety: const after
// open. Invariants: 1. without a table, classes are the first-level folders with images, numbered
// in the order of their names; 2. samples go by folder, then by path; 3. the scan is kept in the
// cache folder and believed while neither a folder's time nor the table changed.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "headrace/formats/dataset.h"
#include "headrace/formats/index.h"

namespace headrace::formats {

class ImageFolder final : public Dataset {
 public:
  // Null when no image is below the folder. Images right in the folder, with no class folders, have
  // no "cls".
  static std::unique_ptr<ImageFolder> open(const std::string& folder, const OpenOptions& options);

  const std::string& format() const override;
  uint64_t sample_count() const override { return index_.sample_count(); }
  const std::vector<std::string>& field_names() const override { return index_.field_names(); }
  uint64_t file_count() const override { return index_.sample_count(); }
  FileInfo file(uint64_t file_index) const override;
  Location locate(uint64_t sample_id) const override;
  std::string key(uint64_t sample_id) const override;  // the path within the folder
  uint64_t size_bytes() const override { return index_.facts().source_size_bytes; }
  uint64_t fingerprint() const override { return index_.body_checksum(); }
  uint64_t first_sample(uint64_t file_index) const override { return file_index; }
  std::vector<std::string> class_names() const override;  // walks over all samples
  std::vector<std::string> notes() const override { return notes_; }

 private:
  size_t picture_slot() const;

  Files* files_ = nullptr;
  std::string folder_;
  std::vector<std::string> notes_;
  Index index_;
};

// By its name's extension: jpg, jpeg, jpe, jfif, png, webp in any case.
bool has_image_extension(std::string_view name);

}  // namespace headrace::formats
