// The plain reference: pread and pwrite, one after the other, when it is waited for. Slow, and easy
// to be sure of. Thread safety: one owner thread.
#pragma once

#include "headrace/io/queued_ring.h"

namespace headrace::io {

// Serves one piece with pread, pwrite or fsync: bytes, or -errno.
int64_t serve_piece(const Piece& piece);

class PsyncRing final : public QueuedRing {
 public:
  explicit PsyncRing(const RingOptions& options) : QueuedRing(options, {.engine = "psync"}) {}

 private:
  void serve(size_t least, uint64_t deadline_ns) override;
};

}  // namespace headrace::io
