// A shard whose fields do not lie in it as they are (compressed pages, escaped text) is read once,
// front to back, into a TFRecord of the cache folder; what reads samples then reads that one.
// Thread safety: any thread, also several processes: one makes the file while the others wait.
// Invariants: 1. the file appears under its name whole or not at all; 2. the same shard gives the
// same bytes; 3. memory is what the format's readers hold, and 32 MiB a thread.
#pragma once

#include <functional>
#include <string>

#include "headrace/formats/shard_index.h"

namespace headrace::formats {

struct UnpackOptions {
  uint32_t threads = 1;
  // Told now and then how far into the shard it is; false stops it.
  std::function<bool(uint64_t moved_bytes)> on_read = {};
};

// Where the shard's samples can be read: the shard itself, where they lie as they are, or its
// unpacked copy. Throws Error: damaged (byte offset, and what the format calls the place), no room
// for the copy, stopped.
ShardPlace readable_place(Files& files, const ShardPlace& place, const UnpackOptions& options);

}  // namespace headrace::formats
