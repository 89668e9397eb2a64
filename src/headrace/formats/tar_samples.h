// Members of a tar put together to samples, as WebDataset groups them: consecutive members with one
// key. Thread safety: one owner. Invariant: a sample's fields are sorted by name and differ.
#pragma once

#include <optional>

#include "headrace/formats/shard_format.h"
#include "headrace/formats/tar.h"

namespace headrace::formats {

extern const ShardFormat k_tar_format;  // "webdataset"

class TarSamples final : public SampleScanner {
 public:
  explicit TarSamples(ByteSource source, ScanFrom from = {})
      : cut_member_(from.cut_member),
        members_(std::move(source), from.record_offset_bytes, from.cut_member) {}
  // The next sample, or nothing at the end; not one that is marked bad. A field that comes twice
  // within a sample is a failure.
  // With CutMember::comes_first the sample in which the archive breaks off comes before the
  // failure.
  std::expected<std::optional<ScannedSample>, ScanFailure> next() override;

 private:
  std::expected<std::optional<ScannedSample>, ScanFailure> next_with_bad();
  std::expected<std::optional<Member>, ScanFailure> next_member();

  const CutMember cut_member_;
  TarScanner members_;
  std::optional<ScanFailure> broken_off_;
  std::optional<Member> ahead_;  // the first member of the next sample
};

}  // namespace headrace::formats
