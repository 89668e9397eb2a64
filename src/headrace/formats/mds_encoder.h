// Samples to one MDS shard, and a folder's index.json, without which Streaming reads nothing.
// Layout: docs/formats/mds.md. Thread safety: one owner. Memory: the whole shard, whose table of
// offsets comes before its samples.
#pragma once

#include <string>
#include <vector>

#include "headrace/formats/manifest.h"
#include "headrace/formats/mds.h"

namespace headrace::formats {

class MdsEncoder final : public ShardEncoder {
 public:
  explicit MdsEncoder(Sink sink) : sink_(std::move(sink)) {}
  // Throws Error: other columns than the first sample's, a label that is no number, a shard of
  // 4 GiB.
  void append(std::span<const FieldBytes> fields) override;
  void finish() override;
  uint64_t size_bytes() const override { return head_bytes() + bodies_.size(); }

 private:
  void set_columns(std::span<const FieldBytes> fields);
  uint64_t head_bytes() const { return 4 + 4 * (ends_.size() + 1) + config_.size(); }

  Sink sink_;
  std::vector<MdsColumn> columns_;
  std::string config_;
  std::vector<std::byte> bodies_;
  std::vector<uint64_t> ends_;  // of samples, within bodies_
};

void write_mds_index(Files& files, const std::string& folder, const Manifest& manifest);

}  // namespace headrace::formats
