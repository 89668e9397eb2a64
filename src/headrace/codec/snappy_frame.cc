// A stream's name, then chunks: a byte of type, three of length, and for data the checksum first.
#include "headrace/codec/snappy_frame.h"

#include <algorithm>

#include "headrace/base/crc32c.h"
#include "headrace/base/endian.h"
#include "headrace/codec/snappy.h"

namespace headrace::codec {
namespace {

using Bytes = std::span<const std::byte>;
using Done = std::expected<void, const char*>;

constexpr unsigned char k_name[] = {0xff, 6, 0, 0, 's', 'N', 'a', 'P', 'p', 'Y'};
constexpr std::byte k_packed{0}, k_stored{1}, k_first_skipped{0x80};
constexpr size_t k_head_bytes = 4, k_crc_bytes = 4, k_block_bytes = size_t{1} << 16;

struct Chunk {
  PackedBlock block;
  uint32_t crc = 0;
};

// Calls `take` with each chunk of data until it says no.
template <typename Take>
Done for_each_chunk(Bytes frame, Take take) {
  if (frame.size() < sizeof k_name ||
      !std::ranges::equal(frame.first(sizeof k_name), std::as_bytes(std::span(k_name)))) {
    return std::unexpected("it is no Snappy stream");
  }
  frame = frame.subspan(sizeof k_name);
  while (!frame.empty()) {
    if (frame.size() < k_head_bytes) return std::unexpected("it is cut short");
    const std::byte type = frame[0];
    const size_t length = load_le<uint32_t>(frame.data()) >> 8;
    frame = frame.subspan(k_head_bytes);
    if (length > frame.size()) return std::unexpected("it is cut short");
    const Bytes body = frame.first(length);
    frame = frame.subspan(length);
    if (type >= k_first_skipped && type != std::byte{0xff}) continue;
    if ((type != k_packed && type != k_stored) || length <= k_crc_bytes) {
      return std::unexpected("it has a chunk of no known kind");
    }
    Chunk chunk{.block = {.bytes = body.subspan(k_crc_bytes), .stored = type == k_stored},
                .crc = load_le<uint32_t>(body.data())};
    chunk.block.size_bytes = chunk.block.stored
                                 ? chunk.block.bytes.size()
                                 : snappy_announced_bytes(chunk.block.bytes).value_or(0);
    if (chunk.block.size_bytes == 0 || chunk.block.size_bytes > k_block_bytes) {
      return std::unexpected("a chunk holds nothing or too much");
    }
    if (const Done taken = take(chunk); !taken) return taken;
  }
  return {};
}

void append(std::vector<std::byte>& frame, std::byte type, Bytes plain, Bytes packed) {
  const size_t at = frame.size();
  frame.resize(at + k_head_bytes + k_crc_bytes);
  const auto length = static_cast<uint32_t>(k_crc_bytes + packed.size());
  store_le(frame.data() + at, length << 8 | static_cast<uint32_t>(type));
  store_le(frame.data() + at + k_head_bytes, masked_crc32c(crc32c(plain)));
  frame.insert(frame.end(), packed.begin(), packed.end());
}

}  // namespace

std::optional<uint64_t> snappy_frame_bytes(Bytes frame) {
  uint64_t size_bytes = 0;
  const Done done = for_each_chunk(frame, [&](const Chunk& chunk) -> Done {
    size_bytes += chunk.block.size_bytes;
    return {};
  });
  return done ? std::optional(size_bytes) : std::nullopt;
}

Done snappy_frame_decompress(Bytes frame, std::span<std::byte> target) {
  const Done done = for_each_chunk(frame, [&](const Chunk& chunk) -> Done {
    const PackedBlock& block = chunk.block;
    if (block.size_bytes > target.size()) return std::unexpected("it makes too many bytes");
    const auto made = target.first(block.size_bytes);
    if (block.stored) {
      std::ranges::copy(block.bytes, made.begin());
    } else if (const Done unpacked = snappy_decompress(block.bytes, made); !unpacked) {
      return unpacked;
    }
    if (masked_crc32c(crc32c(made)) != chunk.crc) return std::unexpected("its checksum differs");
    target = target.subspan(block.size_bytes);
    return {};
  });
  if (done && !target.empty()) return std::unexpected("it makes fewer bytes than it announces");
  return done;
}

Done snappy_frame_blocks(Bytes frame, size_t size_bytes, std::vector<PackedBlock>& blocks) {
  blocks.clear();
  const Done done = for_each_chunk(frame, [&](const Chunk& chunk) -> Done {
    if (chunk.block.size_bytes > size_bytes) return std::unexpected("it makes too many bytes");
    size_bytes -= chunk.block.size_bytes;
    blocks.push_back(chunk.block);
    return {};
  });
  if (done && size_bytes > 0) return std::unexpected("it makes fewer bytes than it announces");
  return done;
}

std::vector<std::byte> snappy_frame(Bytes bytes) {
  std::vector<std::byte> frame(sizeof k_name);
  std::ranges::copy(std::as_bytes(std::span(k_name)), frame.begin());
  while (!bytes.empty()) {
    const Bytes plain = bytes.first(std::min(bytes.size(), k_block_bytes));
    const std::vector<std::byte> packed = snappy_compressed(plain);
    const bool stored = packed.size() >= plain.size() - plain.size() / 8;  // as Snappy's own does
    append(frame, stored ? k_stored : k_packed, plain, stored ? plain : packed);
    bytes = bytes.subspan(plain.size());
  }
  return frame;
}

}  // namespace headrace::codec
