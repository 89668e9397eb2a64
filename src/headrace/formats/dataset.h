// A data set as the loader sees it: numbered samples, and where each one's fields lie.
// Thread safety: const after open. Memory: indexes are memory-mapped, so a billion samples cost no
// more than one.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "headrace/base/files.h"

namespace headrace::formats {

inline constexpr uint64_t k_absent = ~uint64_t{0};  // length_bytes of a field that a sample lacks
inline constexpr uint64_t k_inline =
    ~uint64_t{0} - 1;  // no bytes: offset_bytes is the value (a folder's class)

// Exactly the index's record on disk (docs/formats/index.md).
struct FieldExtent {
  uint64_t offset_bytes = 0;
  uint64_t length_bytes = k_absent;
  uint64_t checksum = 0;  // xxh3 of the field's bytes; 0 = not known
};

// No extent of a shard may reach past its end; there is no other bound to keep.
inline bool leaves(const FieldExtent& extent, uint64_t file_size_bytes) {
  if (extent.length_bytes == k_absent || extent.length_bytes == k_inline) return false;
  return extent.offset_bytes > file_size_bytes ||
         extent.length_bytes > file_size_bytes - extent.offset_bytes;
}

struct Location {
  uint32_t file_index = 0;              // which of the data set's files
  std::span<const FieldExtent> fields;  // one for each of field_names(), in that order or `places`
  FieldExtent computed = {};            // the only field of data sets that keep no records
  // Where each of field_names() stands in `fields`; empty = at its own place. Joined data sets
  // only.
  std::span<const uint16_t> places = {};

  static constexpr uint16_t k_no_place = 0xffff;  // the sample has no such field
  const FieldExtent& field(size_t index) const {
    static constexpr FieldExtent k_none;
    if (fields.empty()) return computed;
    if (places.empty()) return fields[index];
    return places[index] == k_no_place ? k_none : fields[places[index]];
  }
};

// A sample of a token data set is a packed sequence and the token behind it, for the labels.
struct TokenFacts {
  uint64_t sequence_tokens = 0;  // 0: a sample is a stored sequence, of any length
  uint32_t token_bytes = 0;
  bool is_signed = false;
  bool operator==(const TokenFacts&) const = default;
};

// The same samples several times over, each time in an order of its own (order::order_of_copy).
struct Copies {
  uint64_t count = 1;
  uint64_t seed = 0;
  bool operator==(const Copies&) const = default;
};

struct FileInfo {
  std::string path;
  uint64_t size_bytes = 0;
  uint64_t sample_count = 0;
};

struct OpenOptions {
  Files* files = &real_files();
  std::string cache_folder;  // where indexes go that cannot be written beside their shards; "" =
                             // default_cache_folder()
  // False: an image tree is listed anew, so that sizes are those of now (what pack needs).
  bool believe_cached_tree = true;
  // A shard that is cut short or lies is opened with the samples that it has; those that it only
  // names lie behind its end, so that each is a failure when it is read.
  bool salvage = false;
  uint64_t sequence_tokens = 0;  // of a sample of token files; 0 = as they were stored
  // Told while shards are unpacked (unpack.h), one call at a time; false stops that by an Error.
  std::function<bool(uint64_t done_bytes, uint64_t total_bytes)> on_unpack = {};
};

class Dataset {
 public:
  // A folder of shards, one shard, a class-per-folder image tree, or Megatron token files (.idx
  // and .bin, by either name or the part that both share). Shards without an index are scanned
  // once. Throws Error: not found, no samples, corrupt index or shard (file and byte offset).
  static std::unique_ptr<Dataset> open(const std::string& path, const OpenOptions& options);
  virtual ~Dataset() = default;

  virtual const std::string& format() const = 0;  // "webdataset", "image-folder"
  virtual uint64_t sample_count() const = 0;
  virtual const std::vector<std::string>& field_names()
      const = 0;  // extensions, sorted: "cls", "jpg"
  virtual uint64_t file_count() const = 0;
  virtual FileInfo file(uint64_t file_index) const = 0;
  virtual Location locate(uint64_t sample_id) const = 0;  // HR_CHECK(sample_id < sample_count())
  // The same for many at once, which fetches their records side by side; equally many of both.
  virtual void locate_all(std::span<const uint64_t> sample_ids,
                          std::span<Location> locations) const;
  // True: a sample lies in several places of its file, so that only memory can serve it.
  virtual bool in_pieces() const { return false; }
  // The file that they lie in. This and what follows only where in_pieces().
  virtual uint32_t file_of_pieces(uint64_t /*sample_id*/) const { return 0; }
  // Appends them in order.
  virtual void append_pieces(uint64_t /*sample_id*/, std::vector<FieldExtent>& /*pieces*/) const {}
  virtual std::optional<TokenFacts> tokens() const { return std::nullopt; }
  virtual std::string key(uint64_t sample_id) const = 0;  // for messages; may read the shard
  // For messages, where a file has rows, or what is read is an unpacked copy of it: "a.parquet, row
  // group 3, row 17"; "" elsewhere. May read the shard.
  virtual std::string origin(uint64_t /*sample_id*/) const { return ""; }
  virtual uint64_t size_bytes() const = 0;  // all files together
  // Hash of everything that decides which bytes sample k has: sample counts, shard names and
  // checksums.
  virtual uint64_t fingerprint() const = 0;
  // First sample of each file and one past the last, in order: what a window shuffle needs.
  virtual uint64_t first_sample(uint64_t file_index) const = 0;
  // What open() found worth telling: an index that disagreed with its shard and was made again.
  virtual std::vector<std::string> notes() const { return {}; }
  // class_names()[k] names the class whose "cls" is k; empty when the data set does not say.
  virtual std::vector<std::string> class_names() const { return {}; }
  // Of a data set that is several joined: each part's first sample and one past the last.
  virtual std::vector<uint64_t> first_samples_of_parts() const { return {}; }
  // Of a data set that is joined of equally many copies, one behind the other (copies.h).
  virtual Copies copies() const { return {}; }
  uint64_t distinct_sample_count() const { return sample_count() / copies().count; }
};

// $HEADRACE_CACHE, else ~/.cache/headrace.
std::string default_cache_folder();

}  // namespace headrace::formats
