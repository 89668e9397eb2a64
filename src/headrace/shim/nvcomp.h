// NVIDIA's nvCOMP (version 5), opened at run time: batches of compressed chunks unpacked on a
// device; on Blackwell its own engine does it, through the same calls.
// Thread safety: the library's functions are. Invariant: all functions of an opened NvComp are
// there. Calls return 0 or a status (name_of_status); each chunk has its own on the device.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "headrace/shim/cuda.h"
#include "headrace/shim/library.h"

namespace headrace::shim {

// The binary interface of nvcomp/{lz4,snappy,zstd,gzip}.h. Each format's options are 64
// bytes, all zero by default.
struct CompOptions {
  int fields[16] = {};
};
enum class CompFormat : uint8_t { lz4, snappy, zstd, gzip };  // lz4: its blocks, not its frames
inline constexpr size_t k_comp_format_count = 4;
inline constexpr int k_comp_success = 0;
inline constexpr int k_comp_cannot_decompress = 12;
// What zstd and gzip want of chunks and of where they are unpacked to; others take any address.
inline constexpr size_t k_comp_alignment = 8;

class NvComp {
 public:
  // The error is one sentence, with how to get it.
  static std::expected<std::unique_ptr<NvComp>, std::string> open(
      const std::string& library = "libnvcomp.so.5");

  struct Calls {
    // How much temporary memory: chunks, bytes of the largest unpacked, options, result, bytes of
    // all unpacked. Asks nothing of the device.
    int (*temporary)(size_t, size_t, CompOptions, size_t*, size_t) = nullptr;
    // On the device: chunks, their sizes, room for each, unpacked sizes; count; temporary memory
    // and its size; targets; options; statuses (int) on the device; stream.
    int (*unpack)(const void* const*, const size_t*, const size_t*, size_t*, size_t, void*, size_t,
                  void* const*, CompOptions, int*, CuStream) = nullptr;
  };
  const Calls& of(CompFormat format) const { return calls_[static_cast<size_t>(format)]; }

  static std::string name_of_status(int status);  // "nvcompErrorCannotDecompress", "status 1234"

 private:
  explicit NvComp(Library library) : library_(std::move(library)) {}
  std::string find_all();  // the first symbol that is missing, or ""

  Library library_;
  Calls calls_[k_comp_format_count];
};

}  // namespace headrace::shim
