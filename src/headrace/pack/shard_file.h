// A shard's bytes on their way to disk: gathered, hashed, shown under their name only when whole.
// Thread safety: one owner.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "headrace/base/files.h"
#include "headrace/base/hash.h"

namespace headrace::pack {

class ShardFile {
 public:
  ShardFile(Files& files, const std::string& path);
  void append(std::span<const std::byte> bytes);
  uint64_t publish();  // returns the checksum of all bytes

 private:
  void flush();

  AtomicFile file_;
  std::vector<std::byte> pending_;
  Xxh3Stream hash_;
};

}  // namespace headrace::pack
