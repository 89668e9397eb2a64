// The head of a NumPy .npy file: what its elements are and where they begin.
// Thread safety: pure. Invariants: (1) every length is checked before it is used; (2) only plain
// numbers of little-endian or single bytes are taken, no pickles and no records.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace headrace::formats {

struct NpyHead {
  std::string type = {};  // NumPy's: "<u2", "|u1"
  bool column_major = false;
  std::vector<uint64_t> shape = {};
  uint64_t data_offset_bytes = 0;
  bool operator==(const NpyHead&) const = default;
};

inline constexpr size_t k_npy_head_bytes_max = 64 << 10;

// `begin`: the file's first bytes, up to k_npy_head_bytes_max. The error says what is wrong.
std::expected<NpyHead, std::string> parse_npy_head(std::span<const std::byte> begin);
// The same into memory that is used again.
std::expected<void, const char*> parse_npy_head(std::span<const std::byte> begin, NpyHead& head);

// An array whose elements lie as a loader takes them: little-endian, the last index fastest.
struct NpyArray {
  NpyHead head = {};
  uint64_t element_bytes = 0;
  uint64_t data_bytes = 0;
  std::optional<bool> integer_sign = {};  // nothing: its elements are no integers
};
// `begin` as above, of a file of `file_bytes`, which its elements fill to the end.
std::expected<NpyArray, std::string> read_npy_array(std::span<const std::byte> begin,
                                                    uint64_t file_bytes);

}  // namespace headrace::formats
