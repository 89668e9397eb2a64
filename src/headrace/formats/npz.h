// .npz files of NumPy: a file is a sample, its arrays are fields. Layout: docs/formats/npz.md.
// Thread safety: one owner. Memory: a window, or the sample where it is compressed. Invariants:
// 1. what is handed out agrees with the archive's CRC-32 unless only places are wanted; 2. no
// pickle is read.
#pragma once

#include <optional>
#include <vector>

#include "headrace/formats/shard_format.h"
#include "headrace/formats/zip_directory.h"

namespace headrace::formats {

extern const ShardFormat k_npz_format;  // "npz"

// Members that are stored.
class NpzSample final : public SampleScanner {
 public:
  NpzSample(ByteSource source, const ScanFrom& from) : source_(std::move(source)), from_(from) {}
  std::expected<std::optional<ScannedSample>, ScanFailure> next() override;

 private:
  ByteSource source_;
  const ScanFrom from_;
  bool is_done_ = false;
};

// Members of which some are deflated.
class NpzRecord final : public RecordReader {
 public:
  explicit NpzRecord(ByteSource source) : source_(std::move(source)) {}
  std::expected<std::optional<std::span<const FieldBytes>>, ScanFailure> next() override;
  uint64_t at_bytes() const override { return is_done_ ? source_.size_bytes : 0; }

 private:
  struct Field {
    std::string name;
    std::vector<std::byte> bytes;
  };
  std::expected<Field, ScanFailure> unpacked(const ZipMember& member);

  ByteSource source_;
  bool is_done_ = false;
  std::vector<Field> fields_;
  std::vector<FieldBytes> views_;
};

}  // namespace headrace::formats
