// MDS shards (MosaicML Streaming): read by what the shard itself says of its columns, and written.
// Layout: docs/formats/mds.md. Thread safety: one owner.
// Invariant: sizes and offsets are compared with the file before they are used.
#pragma once

#include <string>
#include <vector>

#include "headrace/formats/byte_window.h"
#include "headrace/formats/shard_format.h"

namespace headrace::formats {

extern const ShardFormat k_mds_format;  // "mds"

struct MdsColumn {
  std::string name;
  std::string encoding;         // "jpeg", "int", "bytes", ...
  uint64_t size_bytes = 0;      // of each value; 0 = each says its own
  std::string field_name = {};  // which says how an array lies (codec/elements.h)
};

struct MdsHead {
  uint32_t sample_count = 0;
  uint64_t first_offset_bytes = 0;  // of the first sample
  std::vector<MdsColumn> columns;   // sorted by name
  std::string config;               // the JSON that says so
};
std::expected<MdsHead, ScanFailure> read_mds_head(ByteWindow& window);

class MdsSamples final : public SampleScanner {
 public:
  MdsSamples(ByteSource source, ScanFrom from)
      : offsets_(source, k_window_bytes),
        bodies_(std::move(source), k_window_bytes),
        sample_index_(from.sample_index) {}
  std::expected<std::optional<ScannedSample>, ScanFailure> next() override;

 private:
  static constexpr uint64_t k_window_bytes = 16 << 10;  // of a sample, only its head is wanted
  struct Extent {
    uint64_t offset_bytes = 0, length_bytes = 0;
  };
  std::expected<Extent, ScanFailure> next_record();
  std::expected<FieldExtent, ScanFailure> value(const MdsColumn& column, const Extent& place);

  ByteWindow offsets_;
  ByteWindow bodies_;
  uint64_t sample_index_;
  std::optional<MdsHead> head_;
};

}  // namespace headrace::formats
