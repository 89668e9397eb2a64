// Several data sets as one: the samples of the first, then those of the second, and so on.
// Thread safety: const once made. Invariants: (1) sample and file numbers run through all parts;
// (2) fields are those of any part; a part that lacks one has samples without it; (3) a class
// number means one class in all parts.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "headrace/formats/dataset.h"

namespace headrace::formats {

// The data set at a path, or those at several joined. Throws Error as Dataset::open and
// JoinedDataset do, and where a path is named twice.
std::unique_ptr<Dataset> open_all(const std::vector<std::string>& paths,
                                  const OpenOptions& options);

class JoinedDataset final : public Dataset {
 public:
  // At least one. Throws Error: tokens of several types or lengths, tokens beside none, classes
  // that differ.
  explicit JoinedDataset(std::vector<std::unique_ptr<Dataset>> parts, Copies copies = {});

  const std::string& format() const override { return format_; }
  uint64_t sample_count() const override { return first_samples_.back(); }
  const std::vector<std::string>& field_names() const override { return names_; }
  uint64_t file_count() const override { return first_files_.back(); }
  FileInfo file(uint64_t file_index) const override;
  Location locate(uint64_t sample_id) const override;
  void locate_all(std::span<const uint64_t> sample_ids,
                  std::span<Location> locations) const override;
  bool in_pieces() const override { return parts_.front()->in_pieces(); }
  uint32_t file_of_pieces(uint64_t sample_id) const override;
  void append_pieces(uint64_t sample_id, std::vector<FieldExtent>& pieces) const override;
  std::optional<TokenFacts> tokens() const override { return parts_.front()->tokens(); }
  std::string key(uint64_t sample_id) const override;
  std::string origin(uint64_t sample_id) const override;
  uint64_t size_bytes() const override;
  uint64_t fingerprint() const override;
  uint64_t first_sample(uint64_t file_index) const override;
  std::vector<std::string> notes() const override;
  std::vector<std::string> class_names() const override;
  std::vector<uint64_t> first_samples_of_parts() const override { return first_samples_; }
  Copies copies() const override { return copies_; }
  const Dataset& part(size_t index) const { return *parts_.at(index); }
  size_t part_count() const { return parts_.size(); }

 private:
  // A sample or a file of one part.
  struct Place {
    size_t part_index = 0;
    uint64_t index = 0;
  };
  static Place place_in(const std::vector<uint64_t>& firsts, uint64_t index);
  Location of_part(size_t part_index, Location location) const;
  void check_fit(const Dataset& part) const;
  void join_names();

  std::vector<std::unique_ptr<Dataset>> parts_;
  Copies copies_;
  std::vector<uint64_t> first_samples_ = {0};
  std::vector<uint64_t> first_files_ = {0};
  std::string format_;
  std::vector<std::string> names_;
  std::vector<std::vector<uint16_t>> field_places_;  // a part; empty where names are all its own
};

}  // namespace headrace::formats
