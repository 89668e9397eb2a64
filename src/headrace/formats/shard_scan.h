// The index of a shard by a scan of it, for shards that come without one or lost it.
// Thread safety: pure but for the file that it writes. Invariants: 1. an index appears whole or not
// at all; 2. of an archive that breaks off there is one only where it is to be salvaged.
#pragma once

#include <optional>
#include <string>

#include "headrace/formats/shard_index.h"

namespace headrace::formats {

struct ShardScan {
  bool written = false;
  std::optional<ScanFailure> failure = {};  // where and why the archive breaks off
  uint64_t lost_count = 0;                  // samples before that with changed bytes
  uint64_t first_lost_offset_bytes = 0;
};

// Two passes where a field name first comes late. With place.salvage the index holds what lies
// before the failure, lost samples too, and last the sample in which the archive breaks off.
// `facts` are what is known of a shard that we wrote: then fields without a checksum get one.
ShardScan scan_shard(Files& files, const ShardPlace& place, const std::string& index_path,
                     const IndexFacts& facts = {});

}  // namespace headrace::formats
