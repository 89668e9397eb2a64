// pread, pwrite and fsync in the caller's thread.
#include "headrace/io/psync.h"

#include <sys/uio.h>
#include <unistd.h>

#include <cerrno>

namespace headrace::io {
namespace {

ssize_t call_for(const Piece& piece) {
  const auto offset = static_cast<off_t>(piece.offset_bytes);
  const int flags = piece.uncached ? k_rwf_dontcache : 0;
  const iovec range = {.iov_base = piece.target.data(), .iov_len = piece.target.size()};
  switch (piece.action) {
    case Action::read:
      return ::preadv2(piece.fd, &range, 1, offset, flags);
    case Action::write:
      return ::pwritev2(piece.fd, &range, 1, offset, flags);
    case Action::sync:
      return ::fsync(piece.fd);
  }
  return 0;
}

}  // namespace

int64_t serve_piece(const Piece& piece) {
  const ssize_t raw = call_for(piece);
  return raw < 0 ? -int64_t{errno} : int64_t{raw};
}

// One is served whatever the deadline: a caller that only looks must get on too.
void PsyncRing::serve(size_t least, uint64_t) {
  if (pending_.empty() || (least == 0 && operations_.deliverable() > 0)) return;
  const uint32_t index = pending_.pop();
  take(index, serve_piece(operations_[index].attempt.next()));
}

}  // namespace headrace::io
