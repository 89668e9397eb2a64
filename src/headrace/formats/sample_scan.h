// Members of a tar put together to samples, as WebDataset groups them: consecutive members with one
// key. Thread safety: one owner. Invariant: a sample's fields are sorted by name and differ.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "headrace/formats/dataset.h"
#include "headrace/formats/tar.h"

namespace headrace::formats {

struct ScannedSample {
  std::string key;
  uint64_t header_offset_bytes = 0;  // of its first member
  std::vector<std::pair<std::string, FieldExtent>> fields;
};

class SampleScanner {
 public:
  explicit SampleScanner(ByteSource source, CutMember cut_member = CutMember::fails)
      : cut_member_(cut_member), members_(std::move(source), 0, cut_member) {}
  // The next sample, or nothing at the end. A field that comes twice within a sample is a failure.
  // With CutMember::comes_first the sample in which the archive breaks off comes before the
  // failure.
  std::expected<std::optional<ScannedSample>, TarFailure> next();

 private:
  std::expected<std::optional<Member>, TarFailure> next_member();

  const CutMember cut_member_;
  TarScanner members_;
  std::optional<TarFailure> broken_off_;
  std::optional<Member> ahead_;  // the first member of the next sample
};

}  // namespace headrace::formats
