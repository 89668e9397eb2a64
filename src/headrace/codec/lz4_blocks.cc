// The frame's layout: magic, FLG, BD, content size, dictionary id, header checksum; then blocks,
// each a length whose top bit says "stored", and a checksum where FLG says so; a length of 0 ends.
#include "headrace/codec/lz4_blocks.h"

#include <algorithm>

#include "headrace/base/endian.h"

namespace headrace::codec {
namespace {

constexpr uint32_t k_magic = 0x184d2204;
constexpr uint32_t k_stored_bit = 0x8000'0000;

struct FrameFlags {
  uint8_t flags = 0, block = 0;
  bool independent() const { return (flags & 0x20) != 0; }
  size_t block_checksum_bytes() const { return (flags & 0x10) != 0 ? 4 : 0; }
  size_t content_checksum_bytes() const { return (flags & 0x04) != 0 ? 4 : 0; }
  bool has_content_size() const { return (flags & 0x08) != 0; }
  bool has_dictionary() const { return (flags & 0x01) != 0; }
  bool known() const { return flags >> 6 == 1 && (flags & 0x02) == 0 && (block & 0x8f) == 0; }
  // 64 KiB, 256 KiB, 1 MiB, 4 MiB; 0 = none of them
  size_t block_bytes_max() const {
    const int code = block >> 4 & 7;
    return code < 4 ? 0 : size_t{1} << (8 + 2 * code);
  }
};

constexpr const char* k_cut = "the frame is cut off";

}  // namespace

std::expected<void, const char*> lz4_blocks(std::span<const std::byte> frame, size_t size_bytes,
                                            std::vector<PackedBlock>& blocks) {
  blocks.clear();
  if (frame.size() < 15) return std::unexpected(k_cut);
  const FrameFlags facts{static_cast<uint8_t>(frame[4]), static_cast<uint8_t>(frame[5])};
  if (load_le<uint32_t>(frame.data()) != k_magic || !facts.known() || facts.has_dictionary() ||
      facts.block_bytes_max() == 0 || !facts.has_content_size() ||
      load_le<uint64_t>(frame.data() + 6) != size_bytes) {
    return std::unexpected("it is no LZ4 frame of this size");
  }
  frame = frame.subspan(15);
  size_t left_bytes = size_bytes;
  while (true) {
    if (frame.size() < 4) return std::unexpected(k_cut);
    const auto length = load_le<uint32_t>(frame.data());
    frame = frame.subspan(4);
    if (length == 0) break;
    const bool stored = (length & k_stored_bit) != 0;
    const size_t packed_bytes = length & ~k_stored_bit;
    const size_t here = std::min(left_bytes, facts.block_bytes_max());
    if (here == 0 || packed_bytes == 0 || (stored && packed_bytes != here)) {
      return std::unexpected("its blocks hold another size than it announces");
    }
    if (packed_bytes + facts.block_checksum_bytes() > frame.size()) return std::unexpected(k_cut);
    blocks.push_back({frame.first(packed_bytes), here, stored});
    frame = frame.subspan(packed_bytes + facts.block_checksum_bytes());
    left_bytes -= here;
  }
  if (left_bytes != 0) return std::unexpected("its blocks hold another size than it announces");
  if (frame.size() != facts.content_checksum_bytes()) return std::unexpected(k_cut);
  if (blocks.size() > 1 && !facts.independent()) {
    return std::unexpected("its blocks lean on each other");
  }
  return {};
}

}  // namespace headrace::codec
