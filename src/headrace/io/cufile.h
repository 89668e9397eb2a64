// Reads and writes between storage and device memory by cuFile, three ways, and by a bounce ring of
// our own where cuFile would only copy through the host itself. Targets are device addresses.
// Thread safety: as any ring. The engines: "cufile" (blocking calls by a pool of threads),
// "cufile-batch", "cufile-stream", "bounce" (k host slots: the read of one overlaps the copy of
// another). The last two keep the primary context of their device and make it current on their
// owner's thread. None of this has been run on real hardware; tests use stand-ins for both
// libraries.
#pragma once

#include <expected>
#include <memory>
#include <string>

#include "headrace/io/ring.h"

namespace headrace::io {

struct CuFileOptions {
  std::string library = "libcufile.so.0";
  std::string driver = "libcuda.so.1";
  uint32_t device = 0;  // whose memory targets are
  // cuFile copies through the host: without nvidia-fs, or told so. Batches stay small then, since
  // a submission that its pool cannot hold never returns.
  bool compatible = true;
  uint64_t slot_bytes = uint64_t{1} << 20;  // of the bounce ring
  uint32_t slot_count = 16;
};
// What this machine says of itself: $CUFILE_FORCE_COMPAT_MODE, and whether nvidia-fs is loaded.
bool cufile_is_compatible();
// The error is one sentence: what is missing, and how to get it.
std::expected<std::unique_ptr<Ring>, std::string> make_cufile_ring(const RingOptions& options,
                                                                   const CuFileOptions& cufile);

}  // namespace headrace::io
