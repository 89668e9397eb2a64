// pread in the caller's thread.
#include "headrace/io/psync.h"

#include <unistd.h>

#include <cerrno>

namespace headrace::io {

int64_t read_piece(const Piece& piece) {
  const ssize_t raw = ::pread(piece.fd, piece.target.data(), piece.target.size(),
                              static_cast<off_t>(piece.offset_bytes));
  return raw < 0 ? -int64_t{errno} : int64_t{raw};
}

PsyncRing::PsyncRing(const RingOptions& options)
    : depth_(options.depth), operations_(options.depth), pending_(options.depth) {}

size_t PsyncRing::submit(std::span<const Read> reads) {
  owner_.check();
  const uint64_t now_ns = steady_now_ns();
  size_t count = 0;
  for (; count < reads.size() && !operations_.full(); ++count) {
    const uint32_t index = operations_.begin(reads[count], now_ns);
    if (!operations_[index].attempt.done()) pending_.push(index);
  }
  return count;
}

void PsyncRing::serve_one() {
  const uint32_t index = pending_.pop();
  Attempt& attempt = operations_[index].attempt;
  while (!attempt.done()) attempt.take(read_piece(attempt.next()), counts_);
  operations_.finish(index, steady_now_ns());
}

size_t PsyncRing::wait(std::span<Done> done, size_t least, uint64_t deadline_ns) {
  owner_.check();
  const size_t wanted = std::min(std::max<size_t>(least, 1), done.size());
  // One read is served whatever the deadline: a caller that only looks must get on too.
  while (operations_.deliverable() < wanted && !pending_.empty()) {
    serve_one();
    if (steady_now_ns() >= deadline_ns) break;
  }
  return operations_.deliver(done, counts_);
}

RingInfo PsyncRing::info() const { return {.engine = "psync", .depth = depth_}; }

}  // namespace headrace::io
