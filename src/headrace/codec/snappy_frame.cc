// A stream's name, then chunks: a byte of type, three of length, and for data the checksum first.
// The format does not say how much it holds, so that one cut between chunks would be a shorter one:
// ours begin with a chunk that says it, of a type that others pass over.
#include "headrace/codec/snappy_frame.h"

#include <algorithm>
#include <array>

#include "headrace/base/crc32c.h"
#include "headrace/base/endian.h"
#include "headrace/codec/snappy.h"

namespace headrace::codec {
namespace {

using Bytes = std::span<const std::byte>;
using Done = std::expected<void, const char*>;

constexpr unsigned char k_name[] = {0xff, 6, 0, 0, 's', 'N', 'a', 'P', 'p', 'Y'};
constexpr std::byte k_packed{0}, k_stored{1}, k_first_skipped{0x80}, k_size = k_first_skipped;
constexpr uint32_t k_size_magic = 0x5a535248;  // "HRSZ"
constexpr size_t k_head_bytes = 4, k_crc_bytes = 4, k_block_bytes = size_t{1} << 16;

struct Chunk {
  PackedBlock block;
  uint32_t crc = 0;
};

std::optional<uint64_t> size_said_by(Bytes body) {
  if (body.size() != sizeof k_size_magic + sizeof(uint64_t)) return std::nullopt;
  if (load_le<uint32_t>(body.data()) != k_size_magic) return std::nullopt;
  return load_le<uint64_t>(body.data() + sizeof k_size_magic);
}

// Calls `take` with each chunk of data until it says no.
template <typename Take>
Done for_each_chunk(Bytes frame, Take take) {
  if (frame.size() < sizeof k_name ||
      !std::ranges::equal(frame.first(sizeof k_name), std::as_bytes(std::span(k_name)))) {
    return std::unexpected("it is no Snappy stream");
  }
  frame = frame.subspan(sizeof k_name);
  if (frame.empty()) return std::unexpected("it is cut short");
  std::optional<uint64_t> said_bytes;
  uint64_t held_bytes = 0;
  while (!frame.empty()) {
    if (frame.size() < k_head_bytes) return std::unexpected("it is cut short");
    const std::byte type = frame[0];
    const size_t length = load_le<uint32_t>(frame.data()) >> 8;
    frame = frame.subspan(k_head_bytes);
    if (length > frame.size()) return std::unexpected("it is cut short");
    const Bytes body = frame.first(length);
    frame = frame.subspan(length);
    if (type == k_size && !said_bytes) said_bytes = size_said_by(body);
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
    held_bytes += chunk.block.size_bytes;
    if (const Done taken = take(chunk); !taken) return taken;
  }
  if (said_bytes.value_or(held_bytes) == held_bytes) return {};
  return std::unexpected("it holds another size than it says");
}

struct NewChunk {
  std::byte type;
  uint32_t first;  // a checksum, or what says the kind
  Bytes rest;
};

void append(std::vector<std::byte>& frame, const NewChunk& chunk) {
  const size_t at = frame.size();
  frame.resize(at + k_head_bytes + k_crc_bytes);
  const auto length = static_cast<uint32_t>(k_crc_bytes + chunk.rest.size());
  store_le(frame.data() + at, length << 8 | static_cast<uint32_t>(chunk.type));
  store_le(frame.data() + at + k_head_bytes, chunk.first);
  frame.insert(frame.end(), chunk.rest.begin(), chunk.rest.end());
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
  const std::array size_bytes{uint64_t{bytes.size()}};
  append(frame,
         {.type = k_size, .first = k_size_magic, .rest = std::as_bytes(std::span(size_bytes))});
  while (!bytes.empty()) {
    const Bytes plain = bytes.first(std::min(bytes.size(), k_block_bytes));
    const std::vector<std::byte> packed = snappy_compressed(plain);
    const bool stored = packed.size() >= plain.size() - plain.size() / 8;  // as Snappy's own does
    append(frame, {.type = stored ? k_stored : k_packed,
                   .first = masked_crc32c(crc32c(plain)),
                   .rest = stored ? plain : Bytes(packed)});
    bytes = bytes.subspan(plain.size());
  }
  return frame;
}

}  // namespace headrace::codec
