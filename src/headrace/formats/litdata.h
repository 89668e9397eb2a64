// Chunks of LitData: items whose leaves the folder's index.json names. Layout:
// docs/formats/litdata.md. Thread safety: one owner. Memory: a window, or the whole chunk where it
// is compressed. Invariants: 1. offsets and sizes are compared with the chunk before they are used;
// 2. nothing pickled is loaded.
#pragma once

#include <string>
#include <vector>

#include "headrace/formats/byte_window.h"
#include "headrace/formats/shard_format.h"

namespace headrace::formats {

extern const ShardFormat k_litdata_format;  // "litdata"

struct LitDataLeaf {
  std::string name;    // keys on the way to it, joined by dots
  std::string format;  // LitData's: "jpeg", "int", "numpy", ...
};
// The leaves of an item by the text of index.json, in the order in which they lie in it.
std::expected<std::vector<LitDataLeaf>, std::string> litdata_leaves(std::string_view index_json);

class LitDataItems final : public SampleScanner {
 public:
  // Without `leaves` they are read from beside the chunk.
  LitDataItems(ByteSource source, const ScanFrom& from, std::vector<LitDataLeaf> leaves = {});
  std::expected<std::optional<ScannedSample>, ScanFailure> next() override;

 private:
  struct Item {
    uint64_t offset_bytes = 0, length_bytes = 0;
  };
  std::expected<void, ScanFailure> open();
  std::expected<Item, ScanFailure> next_item();
  std::expected<FieldExtent, ScanFailure> value(const LitDataLeaf& leaf, Item place);

  ByteWindow offsets_;
  ByteWindow bodies_;
  uint64_t item_index_;
  uint64_t item_count_ = 0;
  bool is_open_ = false;
  std::vector<LitDataLeaf> leaves_;
};

}  // namespace headrace::formats
