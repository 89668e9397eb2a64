// Tar archives: a scanner that reads headers and skips data, and a writer whose bytes depend on its
// input alone. Thread safety: one owner. Invariants: 1. a member's data lies within the file, but
// for the one that CutMember::comes_first allows; 2. each step of the scanner moves on by at least
// one block, so a scan ends; 3. it holds one small window and names of at most 64 KiB.
#pragma once

#include <expected>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "headrace/formats/shard_format.h"
#include "headrace/formats/tar_header.h"

namespace headrace::formats {

struct Member {
  std::string name;
  uint64_t header_offset_bytes =
      0;  // of the first header, which is a long-name or pax header where there is one
  uint64_t data_offset_bytes = 0;
  uint64_t size_bytes = 0;
  bool is_regular = false;
};

class TarScanner {
 public:
  explicit TarScanner(ByteSource source, uint64_t start_offset_bytes = 0,
                      CutMember cut_member = CutMember::fails);
  // The next member, or nothing at the end-of-archive block. After a failure the scanner is at its
  // end.
  std::expected<std::optional<Member>, ScanFailure> next();

 private:
  using Block = std::span<const std::byte, k_tar_block_bytes>;
  struct Overrides {
    std::optional<std::string> name;
    std::optional<uint64_t> size_bytes;
  };

  std::expected<std::optional<Member>, ScanFailure> step();
  std::expected<Block, ScanFailure> block_at(uint64_t offset_bytes);
  std::expected<std::string, ScanFailure> text_at(uint64_t offset_bytes, uint64_t size_bytes);
  std::expected<void, ScanFailure> take_extension(const TarHeader& header, Overrides& overrides);
  std::expected<void, ScanFailure> take_pax(std::string_view records, Overrides& overrides);
  std::expected<void, ScanFailure> check_fits(uint64_t data_offset_bytes, uint64_t size_bytes,
                                              std::string_view name) const;
  std::unexpected<ScanFailure> fail(std::string what, uint64_t offset_bytes) const;

  ByteSource source_;
  uint64_t at_bytes_;
  const CutMember cut_member_;
  std::optional<ScanFailure> broken_off_;  // to be told once the cut member was handed out
  bool ended_ = false;
  std::vector<std::byte> window_;
  uint64_t window_offset_bytes_ = 0;
  size_t window_size_bytes_ = 0;
};

class TarWriter {
 public:
  using Sink = std::function<void(std::span<const std::byte>)>;
  explicit TarWriter(Sink sink) : sink_(std::move(sink)) {}
  // Returns where the data begins. Refuses (Error) names that leave the folder in which the archive
  // is unpacked.
  uint64_t append(std::string_view name, std::span<const std::byte> data);
  void finish();  // two zero blocks
  uint64_t size_bytes() const { return size_bytes_; }
  // What append() adds to the archive: headers, data and padding.
  static uint64_t stored_size_bytes(std::string_view name, uint64_t data_size_bytes);

 private:
  void put(std::span<const std::byte> bytes);
  void put_padded(std::span<const std::byte> bytes);

  Sink sink_;
  uint64_t size_bytes_ = 0;
};

// For messages: control characters and quotes escaped, cut at 200 bytes.
std::string shown_name(std::string_view name);
// Relative, without "..", empty or "." steps, NUL or control characters.
bool is_safe_name(std::string_view name);

}  // namespace headrace::formats
