// FFCV's .beton files, version 2, read in place. Layout: docs/formats/beton.md.
// Thread safety: one owner. Memory: 24 bytes an allocation while it scans, since the sizes of
// pictures are known only from the table at the file's end. Invariant: pointers and sizes are
// compared with the file before they are used.
#pragma once

#include <string>
#include <vector>

#include "headrace/formats/byte_window.h"
#include "headrace/formats/shard_format.h"

namespace headrace::formats {

extern const ShardFormat k_beton_format;  // "beton"

struct BetonField {
  enum class Type : uint8_t {
    decimal = 0,
    integer = 1,
    image = 2,
    bytes = 3,
    array = 4,
    json = 5,
    tensor = 6
  };
  Type type = Type::integer;
  std::string name;
  uint64_t offset_bytes = 0;  // within a sample's record
};

struct BetonHead {
  uint64_t sample_count = 0;
  uint64_t table_offset_bytes = 0;
  uint64_t records_offset_bytes = 0;
  uint64_t record_bytes = 0;
  std::vector<BetonField> fields;  // as they lie in a record
};
std::expected<BetonHead, ScanFailure> read_beton_head(ByteWindow& window);

class BetonSamples final : public SampleScanner {
 public:
  BetonSamples(ByteSource source, ScanFrom from)
      : window_(std::move(source)), sample_index_(from.sample_index) {}
  std::expected<std::optional<ScannedSample>, ScanFailure> next() override;

 private:
  struct Allocation {
    uint64_t offset_bytes = 0, length_bytes = 0, sample_id = 0;
  };
  std::expected<void, ScanFailure> read_table();
  std::expected<FieldExtent, ScanFailure> value(const BetonField& field,
                                                std::span<const std::byte> record) const;

  ByteWindow window_;
  uint64_t sample_index_;
  std::optional<BetonHead> head_;
  std::vector<Allocation> allocations_;  // by offset
};

}  // namespace headrace::formats
