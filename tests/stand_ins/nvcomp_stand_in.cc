// libnvcomp for tests: really unpacks, by Headrace's own codecs, when the stand-in for libcuda gets
// to it in its stream. Thread safety: as the real one. Invariants: 1. all that lies on the device
// (lists, sizes, statuses) is read and written when the stream gets there; 2. nothing is written
// beyond the room that a chunk has; 3. temporary memory that is too small is refused.
#include <memory>
#include <span>

#include "headrace/codec/codec.h"
#include "headrace/shim/nvcomp.h"
#include "headrace/shim/stand_in.h"

using namespace headrace;
using namespace headrace::shim;

extern "C" int cuLaunchHostFunc(CuStream, void (*)(void*), void*);  // of the other stand-in

namespace {

StandInFaults faults;
constexpr int k_invalid_value = 10, k_cuda_error = 1000;

struct Chunks {
  const void* const* packed;
  const size_t* packed_bytes;
  const size_t* rooms;
  size_t* sizes;
  size_t count;
  void* const* targets;
  int* statuses;
  codec::Kind kind;
};

size_t temporary_bytes(size_t count, size_t most) { return count * (most / 4 + 16); }

int unpack_one(const Chunks& all, size_t index) {
  if (++faults.transfers == faults.fail_nth) return faults.fail_code;
  const bool anywhere = all.kind == codec::Kind::lz4_block || all.kind == codec::Kind::snappy_block;
  const auto is_odd = [](const void* at) {
    return reinterpret_cast<uintptr_t>(at) % k_comp_alignment != 0;
  };
  if (!anywhere && (is_odd(all.packed[index]) || is_odd(all.targets[index]))) return 17;
  const std::span packed(static_cast<const std::byte*>(all.packed[index]), all.packed_bytes[index]);
  const auto size = codec::announced_bytes(all.kind, packed);
  const size_t wanted = all.kind == codec::Kind::lz4_block || !size ? all.rooms[index] : *size;
  if (wanted > all.rooms[index]) return 15;
  codec::Decompressor decompressor;
  const std::span target(static_cast<std::byte*>(all.targets[index]), wanted);
  if (!decompressor.run(all.kind, packed, target)) return k_comp_cannot_decompress;
  all.sizes[index] = wanted;
  return k_comp_success;
}

void unpack_now(void* argument) {
  const std::unique_ptr<Chunks> all(static_cast<Chunks*>(argument));
  for (size_t i = 0; i < all->count; ++i) all->statuses[i] = unpack_one(*all, i);
}

int unpack(const Chunks& chunks, size_t temporary, CuStream stream) {
  if (faults.submit_errors > 0) {
    --faults.submit_errors;
    return k_cuda_error;
  }
  if (chunks.count == 0 || temporary < temporary_bytes(chunks.count, 0)) return k_invalid_value;
  auto* owned = new Chunks(chunks);
  if (cuLaunchHostFunc(stream, unpack_now, owned) == 0) return k_comp_success;
  delete owned;
  return k_cuda_error;
}

}  // namespace

extern "C" {

StandInFaults* stand_in_faults() { return &faults; }

#define HR_FORMAT(name, kind)                                                                      \
  int nvcompBatched##name##DecompressGetTempSizeAsync(size_t count, size_t most, CompOptions,      \
                                                      size_t* bytes, size_t) {                     \
    if (faults.memory_error != 0) return faults.memory_error;                                      \
    *bytes = temporary_bytes(count, most);                                                         \
    return k_comp_success;                                                                         \
  }                                                                                                \
  int nvcompBatched##name##DecompressAsync(const void* const* packed, const size_t* packed_bytes,  \
                                           const size_t* rooms, size_t* sizes, size_t count,       \
                                           void*, size_t temporary, void* const* targets,          \
                                           CompOptions, int* statuses, CuStream stream) {          \
    return unpack({packed, packed_bytes, rooms, sizes, count, targets, statuses, kind}, temporary, \
                  stream);                                                                         \
  }
HR_FORMAT(LZ4, codec::Kind::lz4_block)
HR_FORMAT(Snappy, codec::Kind::snappy_block)
HR_FORMAT(Zstd, codec::Kind::zstd)
HR_FORMAT(Gzip, codec::Kind::gzip)

}  // extern "C"
