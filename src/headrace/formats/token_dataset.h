// Megatron token files as samples of a fixed length: the documents of a .bin, one behind the other,
// cut into sequences. Without a length, the stored sequences themselves, which are documents as a
// rule. Thread safety: const after open. Invariants: 1. sample k is tokens [k S, k S + S] of its
// file's stream, so nothing is stored a sample; 2. sequences never cross files; 3. every extent
// lies within its .bin, except a stored sequence's whose index lies: that is beyond any file.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "headrace/formats/dataset.h"
#include "headrace/formats/token_index.h"

namespace headrace::formats {

class TokenDataset final : public Dataset {
 public:
  // Throws Error: a damaged index, a .bin that does not fit it, too few tokens.
  static std::unique_ptr<TokenDataset> open(const std::string& path, const OpenOptions& options);

  const std::string& format() const override;
  uint64_t sample_count() const override { return first_samples_.back(); }
  const std::vector<std::string>& field_names() const override;
  uint64_t file_count() const override { return files_.size(); }
  FileInfo file(uint64_t file_index) const override;
  Location locate(uint64_t sample_id) const override;
  std::string key(uint64_t sample_id) const override;
  uint64_t size_bytes() const override;
  uint64_t fingerprint() const override;
  uint64_t first_sample(uint64_t file_index) const override { return first_samples_[file_index]; }
  std::optional<TokenFacts> tokens() const override { return facts_; }
  const TokenIndex& index(uint64_t file_index) const { return files_[file_index].index; }

 private:
  struct File {
    std::string path;  // of the .bin
    uint64_t size_bytes = 0;
    TokenIndex index;
  };
  void add(Files& files, const std::string& prefix);
  FieldExtent extent_of(const File& file, uint64_t sample_index) const;

  std::vector<File> files_;
  std::vector<uint64_t> first_samples_ = {0};
  TokenFacts facts_;
};

// "x.idx", "x.bin", "x" with both beside it, or a folder that holds such pairs.
bool is_token_path(Files& files, const std::string& path);

}  // namespace headrace::formats
