// One shard on its way to disk: it shows under its name only when whole, then its index.
// Thread safety: one owner.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "headrace/formats/shard_format.h"
#include "headrace/pack/source.h"

namespace headrace::pack {

struct WrittenShard {
  uint64_t sample_count = 0;
  uint64_t size_bytes = 0;
  uint64_t checksum = 0;
  std::vector<std::string> field_names;  // sorted
};

class ShardWriter {
 public:
  static std::unique_ptr<ShardWriter> make(Files& files, const std::string& path,
                                           const formats::ShardFormat& format);
  virtual ~ShardWriter() = default;
  // Fields are sorted by name. Throws Error when the format cannot hold them.
  virtual void add(const std::string& key, const std::vector<SourceField>& fields) = 0;
  virtual uint64_t size_bytes() const = 0;
  virtual WrittenShard finish(uint64_t stamp) = 0;  // publishes the shard, then the index
};

}  // namespace headrace::pack
