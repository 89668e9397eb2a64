// The layout of .idx: sizes are checked against the file before an array is touched.
#include "headrace/formats/token_index.h"

#include <cstring>
#include <string_view>

#include "headrace/base/check.h"
#include "headrace/base/endian.h"
#include "headrace/base/error.h"

namespace headrace::formats {
namespace {

constexpr std::string_view k_token_magic("MMIDIDX\0\0", 9);
constexpr uint64_t k_token_index_version = 1;
constexpr size_t k_at_version = 9, k_at_type = 17, k_at_sequence_count = 18,
                 k_at_document_count = 26;

std::unexpected<IndexFailure> damaged(std::string what, uint64_t offset_bytes) {
  return std::unexpected(IndexFailure{IndexFailure::Kind::damaged, std::move(what), offset_bytes});
}

}  // namespace

size_t size_of(TokenType type) {
  switch (type) {
    case TokenType::uint8:
    case TokenType::int8:
      return 1;
    case TokenType::int16:
    case TokenType::uint16:
      return 2;
    case TokenType::int32:
    case TokenType::float32:
      return 4;
    case TokenType::int64:
    case TokenType::float64:
      return 8;
  }
  return 0;
}

const char* name_of(TokenType type) {
  constexpr const char* k_names[] = {"",      "uint8",   "int8",    "int16", "int32",
                                     "int64", "float64", "float32", "uint16"};
  return k_names[static_cast<size_t>(type)];
}

std::expected<TokenIndex, IndexFailure> TokenIndex::open(Files& files, const std::string& path) {
  auto file = MappedFile::open(files, path);
  if (!file) {
    const auto kind =
        file.error() == ENOENT ? IndexFailure::Kind::missing : IndexFailure::Kind::unreadable;
    return std::unexpected(IndexFailure{kind, text_of_errno(file.error()), 0});
  }
  auto index = over(file->bytes());
  if (index) index->file_ = std::move(*file);
  return index;
}

std::expected<TokenIndex, IndexFailure> TokenIndex::over(std::span<const std::byte> bytes) {
  TokenIndex index;
  index.bytes_ = bytes;
  if (auto read = index.read_header(); !read) return std::unexpected(read.error());
  return index;
}

std::expected<void, IndexFailure> TokenIndex::read_header() {
  if (bytes_.size() < k_header_bytes) return damaged("it is cut off in its header", bytes_.size());
  if (std::memcmp(bytes_.data(), k_token_magic.data(), k_token_magic.size()) != 0) {
    return damaged("it does not begin as a Megatron index does", 0);
  }
  const auto version = load_le<uint64_t>(bytes_.data() + k_at_version);
  if (version != k_token_index_version) {
    return damaged(
        fmt::format("it has version {}; version {} is known", version, k_token_index_version),
        k_at_version);
  }
  type_ = static_cast<TokenType>(bytes_[k_at_type]);
  if (size_of(type_) == 0) {
    return damaged(fmt::format("its type of token is {}; 1 to 8 are known",
                               static_cast<int>(bytes_[k_at_type])),
                   k_at_type);
  }
  sequence_count_ = load_le<uint64_t>(bytes_.data() + k_at_sequence_count);
  document_entry_count_ = load_le<uint64_t>(bytes_.data() + k_at_document_count);
  const uint64_t body_bytes = bytes_.size() - k_header_bytes;
  if (sequence_count_ > body_bytes / 12) {
    return damaged(fmt::format("it is too short for its {} sequences", sequence_count_),
                   k_at_sequence_count);
  }
  const uint64_t rest_bytes = body_bytes - 12 * sequence_count_;
  if (document_entry_count_ == 0 || document_entry_count_ > rest_bytes / 8) {
    return damaged(fmt::format("it is too short for its {} documents", document_entry_count_),
                   k_at_document_count);
  }
  const uint64_t mode_bytes = rest_bytes - 8 * document_entry_count_;
  if (mode_bytes != 0 && mode_bytes != sequence_count_) {
    return damaged("bytes follow its last array", bytes_.size() - mode_bytes);
  }
  has_modes_ = mode_bytes != 0;
  return {};
}

uint64_t TokenIndex::first_sequence(uint64_t document) const {
  HR_CHECK(document < document_entry_count_, "document {}", document);
  return load_le<uint64_t>(bytes_.data() + documents_offset_bytes() + 8 * document);
}

uint64_t TokenIndex::token_count(uint64_t sequence) const {
  HR_CHECK(sequence < sequence_count_, "sequence {}", sequence);
  const auto count = load_le<int32_t>(bytes_.data() + k_header_bytes + 4 * sequence);
  return count < 0 ? 0 : static_cast<uint64_t>(count);
}

std::optional<int8_t> TokenIndex::mode(uint64_t sequence) const {
  HR_CHECK(sequence < sequence_count_, "sequence {}", sequence);
  if (!has_modes_) return std::nullopt;
  return static_cast<int8_t>(bytes_[bytes_.size() - sequence_count_ + sequence]);
}

std::optional<TokenIndex::Extent> TokenIndex::extent(uint64_t sequence,
                                                     uint64_t bin_size_bytes) const {
  const uint64_t length_bytes = token_count(sequence) * size_of(type_);
  const auto offset_bytes =
      load_le<uint64_t>(bytes_.data() + pointers_offset_bytes() + 8 * sequence);
  if (offset_bytes > bin_size_bytes || length_bytes > bin_size_bytes - offset_bytes) {
    return std::nullopt;
  }
  return Extent{offset_bytes, length_bytes};
}

std::expected<void, IndexFailure> TokenIndex::check(uint64_t bin_size_bytes) const {
  for (uint64_t sequence = 0; sequence < sequence_count_; ++sequence) {
    const uint64_t at = k_header_bytes + 4 * sequence;
    if (load_le<int32_t>(bytes_.data() + at) < 0) {
      return damaged(fmt::format("sequence {} has a negative length", sequence), at);
    }
    if (!extent(sequence, bin_size_bytes)) {
      return damaged(
          fmt::format("sequence {} leaves its .bin of {} bytes", sequence, bin_size_bytes),
          pointers_offset_bytes() + 8 * sequence);
    }
  }
  for (uint64_t document = 0; document < document_entry_count_; ++document) {
    const uint64_t first = first_sequence(document);
    const uint64_t least = document == 0 ? 0 : first_sequence(document - 1);
    const bool is_last = document + 1 == document_entry_count_;
    if (first < least || first > sequence_count_ || (document == 0 && first != 0) ||
        (is_last && first != sequence_count_)) {
      return damaged(fmt::format("document {} does not begin where it may", document),
                     documents_offset_bytes() + 8 * document);
    }
  }
  return {};
}

}  // namespace headrace::formats
