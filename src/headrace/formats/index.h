// The binary index beside a shard: where each sample's fields lie. Byte-exact page:
// docs/formats/index.md. Thread safety: const after open. Invariants: 1. the bytes are mapped,
// never copied, so memory does not grow with samples; 2. records lie within the file; 3. field
// names are sorted and differ; 4. paths() ends with a NUL; 5. opening reads no more than header,
// names and block checksums, and holds() says whether a record may be believed.
#pragma once

#include <atomic>
#include <expected>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "headrace/base/hash.h"
#include "headrace/formats/dataset.h"
#include "headrace/formats/mapped_file.h"

namespace headrace::formats {

inline constexpr const char* k_index_suffix = ".hrx";
inline constexpr size_t k_field_limit = 64;  // names that one shard may have

enum class IndexKind : uint32_t { shard = 1, image_folder = 2 };

struct IndexFacts {
  IndexKind kind = IndexKind::shard;
  uint64_t source_size_bytes = 0;  // the shard's size, or that of all images
  uint64_t source_checksum = 0;    // xxh3 of the whole shard; 0 = not known
  uint64_t stamp = 0;  // pack: the plan's hash; image folder: the folders' times; else 0
  uint64_t folders_offset_bytes =
      0;  // within paths(): image paths before it, folder paths from it on
};

struct IndexFailure {
  enum class Kind { missing, unreadable, damaged };
  Kind kind = Kind::damaged;
  std::string what;
  uint64_t offset_bytes = 0;
};

// full: every block is checked at opening. when_used: by holds(), before a record is believed.
enum class BodyCheck { full, when_used };

class Index {
 public:
  static std::expected<Index, IndexFailure> open(Files& files, const std::string& path,
                                                 BodyCheck check);
  // Over bytes that outlive the index, aligned to 8.
  static std::expected<Index, IndexFailure> over(std::span<const std::byte> bytes, BodyCheck check);

  const IndexFacts& facts() const { return facts_; }
  const std::vector<std::string>& field_names() const { return field_names_; }
  uint64_t sample_count() const { return sample_count_; }
  // Where the sample's first tar header is; for an image folder, where its path starts within
  // paths().
  uint64_t record_offset_bytes(uint64_t sample_index) const;
  std::span<const FieldExtent> fields(uint64_t sample_index) const;
  std::string_view paths() const { return paths_; }
  // The NUL-terminated path at an offset within paths(); "" when the offset is out of range.
  std::string_view path_at(uint64_t offset_bytes) const;
  // The blocks that hold the sample's record agree with their checksums; each is hashed once.
  bool holds(uint64_t sample_index) const;
  bool known_to_hold(uint64_t sample_index) const;  // holds() would hash nothing
  // Gives the memory of the mapped pages back to the page cache; holds() hashes anew afterwards.
  void release_pages() const;
  uint64_t body_checksum() const { return body_checksum_; }
  uint64_t size_bytes() const { return bytes_.size(); }

 private:
  const std::byte* record(uint64_t sample_index) const;
  std::expected<void, IndexFailure> read_header();
  std::expected<void, IndexFailure> read_names(uint32_t field_count, uint32_t names_size_bytes);
  std::expected<void, IndexFailure> read_body(BodyCheck check);
  std::pair<uint64_t, uint64_t> blocks_of(uint64_t sample_index) const;  // the first and the last
  bool known_block(uint64_t block_index) const;
  bool block_holds(uint64_t block_index) const;

  MappedFile file_;
  std::span<const std::byte> bytes_;
  IndexFacts facts_;
  std::vector<std::string> field_names_;
  uint64_t sample_count_ = 0;
  uint64_t record_size_bytes_ = 0;
  uint64_t records_offset_bytes_ = 0;
  uint64_t body_checksum_ = 0;
  std::string_view paths_;
  std::span<const std::byte> body_;                // records and paths
  std::span<const std::byte> block_sums_;          // 8 bytes a block of the body
  std::unique_ptr<std::atomic<uint64_t>[]> held_;  // a bit a block
};

// Writes an index sample by sample; memory grows by 8 bytes for 4 KiB written. Not published =
// nothing is left.
class IndexWriter {
 public:
  IndexWriter(Files& files, const std::string& path, std::vector<std::string> sorted_field_names);
  void append(uint64_t record_offset_bytes, std::span<const FieldExtent> fields);
  void append_paths(std::string_view paths);  // after the last sample
  void publish(const IndexFacts& facts);
  uint64_t sample_count() const { return sample_count_; }

 private:
  void put(std::span<const std::byte> bytes);
  void flush();
  void hash_blocks(std::span<const std::byte> bytes);

  AtomicFile file_;
  std::vector<std::string> field_names_;
  std::vector<std::byte> preamble_;  // header and names
  std::vector<std::byte> pending_;
  std::vector<uint64_t> block_sums_;
  Xxh3Stream block_hash_;
  size_t block_fill_bytes_ = 0;
  uint64_t sample_count_ = 0;
  uint64_t paths_size_bytes_ = 0;
};

}  // namespace headrace::formats
