// Whole buffers compressed and back. zstd, LZ4, gzip and Snappy are the formats of the command-line
// tools (a frame with a checksum of its content, and its size but for Snappy, which has blocks to
// be counted); Snappy's and LZ4's blocks are raw, as Parquet has them. Thread safety: functions are
// pure; a Decompressor has one owner. Invariants: 1. nothing is written outside the target; 2. the
// target is full and the packed bytes are used up, or it is an error; 3. no room is made for more
// than the packed bytes can hold.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace headrace::codec {

enum class Kind : uint8_t { none, zstd, lz4, gzip, snappy, lz4_block, snappy_block };

const char* name_of(Kind kind);
// The kind of a file by its first bytes: zstd, lz4, gzip or none; Snappy's files are no shards.
Kind kind_of(std::span<const std::byte> first_bytes);

// A name that ends in what the kind's tool appends: "npy.zst" is "npy", compressed by zstd.
struct PackedName {
  std::string_view name;
  Kind kind = Kind::none;
};
PackedName packed_name(std::string_view name);
// ".zst", ".lz4", ".gz", ".sz"; "" for others.
std::string_view suffix_of(Kind kind);

// How many bytes the packed ones say they hold; nothing when they do not say or cannot be right.
std::optional<uint64_t> announced_bytes(Kind kind, std::span<const std::byte> packed);

// Allocates in the constructor, and within the libraries for the first frames of the largest kind.
class Decompressor {
 public:
  Decompressor();
  Decompressor(Decompressor&&) noexcept;
  ~Decompressor();
  // The error says what is wrong.
  std::expected<void, const char*> run(Kind kind, std::span<const std::byte> packed,
                                       std::span<std::byte> target) noexcept;

 private:
  struct Contexts;
  std::unique_ptr<Contexts> contexts_;
};

// More than `limit_bytes`, or an unknown size, is refused before it is made room for.
std::expected<std::vector<std::byte>, const char*> decompressed(Kind kind,
                                                                std::span<const std::byte> packed,
                                                                size_t limit_bytes);

struct Level {
  int least, most, standard;
};
std::optional<Level> level_of(Kind kind);  // nothing: we only read this kind (and none)
// One frame that bears its size and a checksum. HR_CHECK(level_of(kind)).
std::vector<std::byte> compressed(Kind kind, std::span<const std::byte> bytes, int level);

}  // namespace headrace::codec
