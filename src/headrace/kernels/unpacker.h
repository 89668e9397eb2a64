// Compressed fields unpacked on a device by nvCOMP: frames of zstd and gzip, and those of LZ4 and
// Snappy by their blocks. Statuses come back with the stream.
// Thread safety: one thread. Invariants: 1. nothing is written outside a field's room; 2. memory is
// taken at birth, for at most `field_count` fields and `packed_bytes` of them; 3. what a field's
// checksum says is not looked at: the loader's own is, before.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "headrace/codec/codec.h"
#include "headrace/codec/lz4_blocks.h"
#include "headrace/device/memory.h"
#include "headrace/memory/arena.h"
#include "headrace/shim/nvcomp.h"

namespace headrace::kernels {

struct PackedField {
  codec::Kind kind = codec::Kind::none;
  std::span<const std::byte> bytes;  // in host memory, a part of what start() is told to send
  shim::CuAddress target = 0;        // where rows begin that can_unpack() approved of
  size_t size_bytes = 0;             // unpacked, exactly
};

struct UnpackerOptions {
  std::string library = "libnvcomp.so.5";
  uint32_t field_count = 0;  // at most, in one batch
  size_t field_bytes = 0;    // at most, unpacked
  size_t packed_bytes = 0;   // at most, in one batch
};

class Unpacker {
 public:
  // Throws Error: with how to get the library.
  Unpacker(const device::Device& device, const UnpackerOptions& options);
  Unpacker(Unpacker&&) = delete;

  // Rows of this size, side by side.
  static bool can_unpack(codec::Kind kind, size_t row_bytes);
  // Starts copying `sent`, which must be pinned and stay until the stream has passed, and unpacking
  // the fields that lie in it. Throws Error when the device or the library fails.
  void start(std::span<const std::byte> sent, std::span<const PackedField> fields,
             shim::CuStream stream);
  // Of the last start(), once its stream has passed: whether the field is what it should be.
  bool is_good(uint32_t field_index) const;

 private:
  // What nvCOMP is given of each chunk, in pinned memory and on the device.
  struct Lists {
    std::span<const void*> chunks;
    std::span<void*> targets;
    std::span<size_t> packed_bytes, rooms, sizes;
    std::span<int> statuses;
  };
  Lists lists_in(std::byte* memory) const;
  bool add_field(const PackedField& field, shim::CuStream stream);
  bool add_blocks(const PackedField& field, shim::CuStream stream);
  void add_chunk(std::span<const std::byte> packed, shim::CuAddress target, size_t size_bytes);
  shim::CuAddress on_device(std::span<const std::byte> packed) const;
  void send_lists(shim::CuStream stream) const;
  void unpack(shim::CompFormat format, uint32_t first, uint32_t count, shim::CuStream stream);
  void fetch_outcomes(shim::CuStream stream) const;
  size_t temporary_bytes() const;
  void check(int status, const char* action) const;

  const device::Device& device_;
  std::unique_ptr<shim::NvComp> library_;
  UnpackerOptions options_;
  uint32_t chunk_count_max_;
  memory::Arena arena_;
  device::PinnedRange pinned_;
  device::DeviceMemory packed_, there_, temporary_;
  Lists lists_, device_lists_;
  const std::byte* sent_from_ = nullptr;
  uint32_t chunk_count_ = 0;
  struct Outcome {
    uint32_t first_chunk = 0, chunk_count = 0;
    bool refused = false;
  };
  std::vector<Outcome> outcomes_;  // of the fields
  std::vector<codec::PackedBlock> blocks_;
};

}  // namespace headrace::kernels
