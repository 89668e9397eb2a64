// What the kernels need to know of a batch of JPEGs: headers parsed, tables built, restart
// intervals found, every block's and sample's place fixed. The host's share, a few microseconds a
// picture. Thread safety: one owner. Invariants: 1. what is planned lies inside the coded bytes and
// the memory that the counts ask for; 2. nothing is allocated once the largest batch has been seen.
#pragma once

#include <cstddef>
#include <expected>
#include <span>
#include <vector>

#include "headrace/jpeg/header.h"
#include "headrace/kernels/jpeg.h"

namespace headrace::kernels {

class JpegPlan {
 public:
  void clear();
  // A picture whose coded bytes begin at `offset_bytes` of the batch's; its pixels go to `pixels`.
  // The failure is what the CPU's decoder would say, or that the picture is not of the own kind.
  std::expected<void, jpeg::Failure> add(std::span<const std::byte> bytes, uint64_t offset_bytes,
                                         uint8_t* pixels);
  std::span<const JpegPicture> pictures() const { return pictures_; }
  std::span<const JpegInterval> intervals() const { return intervals_; }
  std::span<const EntropyTable> tables() const { return tables_; }
  uint64_t block_count() const { return block_count_; }  // 64 coefficients and samples each
  const JpegLaunch& launch() const { return launch_; }

 private:
  std::expected<void, jpeg::Failure> add_tables(std::span<const std::byte> bytes,
                                                const jpeg::Header& header, JpegPicture& picture);
  std::expected<uint32_t, jpeg::Failure> add_table(std::span<const std::byte> bytes,
                                                   const jpeg::HuffmanTable& source, bool is_dc);
  std::expected<void, jpeg::Failure> add_intervals(std::span<const std::byte> bytes,
                                                   const jpeg::Header& header,
                                                   uint64_t offset_bytes);

  std::vector<JpegPicture> pictures_;
  std::vector<JpegInterval> intervals_;
  std::vector<EntropyTable> tables_;
  uint64_t block_count_ = 0;
  JpegLaunch launch_;
};

}  // namespace headrace::kernels
