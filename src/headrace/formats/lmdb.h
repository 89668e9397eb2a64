// LMDB files as record stores: a key and its value are a sample, by the keys' order, read in place.
// Layout: docs/formats/lmdb.md. Thread safety: one owner. Memory: a page. Invariants: 1. each page
// number, offset and size is checked before it is used; 2. a tree is no deeper than it says and has
// no more entries, so that a scan ends.
#pragma once

#include <string>
#include <vector>

#include "headrace/formats/byte_window.h"
#include "headrace/formats/shard_format.h"

namespace headrace::formats {

extern const ShardFormat k_lmdb_format;  // "lmdb"

class LmdbRecords final : public SampleScanner {
 public:
  LmdbRecords(ByteSource source, const ScanFrom& from);
  std::expected<std::optional<ScannedSample>, ScanFailure> next() override;

 private:
  struct Tree {
    unsigned flags = 0;
    unsigned depth = 0;
    uint64_t entry_count = 0;
    uint64_t root = 0;
  };
  struct Node {
    uint64_t offset_bytes = 0;  // within the file
    unsigned flags = 0;
    uint64_t child = 0;  // page number, of a branch
    uint64_t key_bytes = 0, value_bytes = 0;
  };
  struct Step {
    uint64_t page = 0;
    size_t node_index = 0;
    size_t node_count = 0;
  };
  using Failed = std::unexpected<ScanFailure>;

  std::expected<void, ScanFailure> open();
  std::expected<Tree, ScanFailure> newest_tree();
  std::expected<Tree, ScanFailure> lone_named_tree(const Tree& main);
  std::expected<std::span<const std::byte>, ScanFailure> page(uint64_t number);
  std::expected<Step, ScanFailure> step_into(uint64_t number, size_t depth);
  std::expected<Node, ScanFailure> node(const Step& step, bool is_leaf);
  std::expected<void, ScanFailure> descend(uint64_t number);
  std::expected<bool, ScanFailure> advance();
  std::expected<bool, ScanFailure> path_to(uint64_t leaf, uint64_t number);
  std::expected<void, ScanFailure> begin_at(uint64_t offset_bytes);
  std::expected<FieldExtent, ScanFailure> value_of(const Node& node);
  Failed fail(std::string what, uint64_t page_number) const;

  ByteSource source_;
  ByteWindow window_;
  const ScanFrom from_;
  uint64_t page_bytes_ = 0;
  uint64_t page_count_ = 0;
  uint64_t visits_left_ = 0;
  bool is_open_ = false;
  Tree tree_;
  std::vector<Step> path_;  // from the root to the leaf that is read
  uint64_t sample_index_ = 0;
};

}  // namespace headrace::formats
