// The index of one shard: the one beside it when it still fits the shard, else one made by a
// scan. Thread safety: pure but for the files it writes; several processes may index one shard at
// the same time.
#pragma once

#include <string>
#include <vector>

#include "headrace/formats/index.h"
#include "headrace/formats/tar_samples.h"

namespace headrace::formats {

enum class IndexHealth { present, missing, stale };  // as found, before a scan mended it
const char* name_of(IndexHealth health);

struct ShardIndex {
  Index index;
  std::string path;
  IndexHealth health = IndexHealth::present;
  std::string note = {};                     // why the index that was found did not do, or ""
  std::vector<FieldExtent> behind_end = {};  // of each field, where the shard is salvaged
};

struct ShardPlace {
  std::string path;
  FileStat stat;
  std::string cache_folder;  // where the index goes when it cannot lie beside the shard
  bool salvage = false;      // OpenOptions::salvage
  const ShardFormat* format = &k_tar_format;
};

// Scans once where it has to. Throws Error: shard damaged (byte offset), no place for the index. Of
// a salvaged shard the index may name samples that lie behind its end; the note says so.
ShardIndex open_shard_index(Files& files, const ShardPlace& place, BodyCheck check);

// Scans the shard and writes the index beside it, with what is known of the shard besides.
Index index_shard(Files& files, const ShardPlace& place, const IndexFacts& facts);

// What the index beside the shard is worth; changes nothing. The text says why it is stale.
std::pair<IndexHealth, std::string> check_shard_index(Files& files, const ShardPlace& place,
                                                      BodyCheck check);

// Writes the same index with a record slot for each of `field_names`, which are sorted and hold all
// of its own.
void write_widened(Files& files, const Index& index, const std::vector<std::string>& field_names,
                   const std::string& path);

// The same index with a record slot for each of `field_names`, kept in the cache folder.
Index widened_index(Files& files, const ShardPlace& place, const Index& index,
                    const std::vector<std::string>& field_names);

}  // namespace headrace::formats
