// Megatron's .idx beside a .bin of tokens: how long each sequence is, where it lies, and which
// sequences make up a document. Byte-exact page: docs/formats/megatron.md.
// Thread safety: const after open. Invariants: 1. the bytes are mapped, never copied; 2. every
// array lies within the file; 3. the numbers in them are believed only by check() or when used:
// extent() refuses a sequence that leaves the .bin.
#pragma once

#include <expected>
#include <optional>
#include <span>
#include <string>

#include "headrace/formats/index.h"
#include "headrace/formats/mapped_file.h"

namespace headrace::formats {

// Megatron's own codes.
enum class TokenType : uint8_t {
  uint8 = 1,
  int8 = 2,
  int16 = 3,
  int32 = 4,
  int64 = 5,
  float64 = 6,
  float32 = 7,
  uint16 = 8
};
size_t size_of(TokenType type);
const char* name_of(TokenType type);

class TokenIndex {
 public:
  static std::expected<TokenIndex, IndexFailure> open(Files& files, const std::string& path);
  // Over bytes that outlive the index, at any alignment.
  static std::expected<TokenIndex, IndexFailure> over(std::span<const std::byte> bytes);

  TokenType type() const { return type_; }
  uint64_t sequence_count() const { return sequence_count_; }
  uint64_t document_count() const { return document_entry_count_ - 1; }
  // One past the last sequence of document d is first_sequence(d + 1).
  uint64_t first_sequence(uint64_t document) const;
  uint64_t token_count(uint64_t sequence) const;  // 0 where the file says less than nothing
  // All sequences' lengths, little-endian int32, as they lie in the file.
  std::span<const std::byte> lengths_le32() const {
    return bytes_.subspan(k_header_bytes, 4 * sequence_count_);
  }
  // Multimodal data sets give each sequence a mode; others have none.
  std::optional<int8_t> mode(uint64_t sequence) const;

  struct Extent {
    uint64_t offset_bytes = 0;
    uint64_t length_bytes = 0;
  };
  // Where a sequence lies in a .bin of this size; nothing if it would leave it.
  std::optional<Extent> extent(uint64_t sequence, uint64_t bin_size_bytes) const;
  // Reads every entry: lengths not negative, extents within the .bin, documents ascending.
  std::expected<void, IndexFailure> check(uint64_t bin_size_bytes) const;

  static constexpr size_t k_header_bytes = 34;

 private:
  std::expected<void, IndexFailure> read_header();
  uint64_t pointers_offset_bytes() const { return k_header_bytes + 4 * sequence_count_; }
  uint64_t documents_offset_bytes() const { return k_header_bytes + 12 * sequence_count_; }

  MappedFile file_;
  std::span<const std::byte> bytes_;
  TokenType type_ = TokenType::uint16;
  uint64_t sequence_count_ = 0;
  uint64_t document_entry_count_ = 0;
  bool has_modes_ = false;
};

}  // namespace headrace::formats
