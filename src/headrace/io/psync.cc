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

PsyncRing::PsyncRing(const RingOptions& options)
    : depth_(options.depth), operations_(options.depth, options.retries), pending_(options.depth) {}

template <typename Wish>
size_t PsyncRing::accept(std::span<const Wish> wishes) {
  owner_.check();
  const uint64_t now_ns = steady_now_ns();
  size_t count = 0;
  for (; count < wishes.size() && !operations_.full(); ++count) {
    const uint32_t index = operations_.begin(wishes[count], now_ns);
    if (!operations_[index].attempt.done()) pending_.push(index);
  }
  return count;
}

void PsyncRing::serve_one() {
  const uint32_t index = pending_.pop();
  Attempt& attempt = operations_[index].attempt;
  while (!attempt.done()) attempt.take(serve_piece(attempt.next()), counts_);
  operations_.finish(index, steady_now_ns());
}

void PsyncRing::cancel(uint64_t tag) {
  operations_.stop_tagged(tag, [this](uint32_t index, int error_number) {
    pending_.remove(index);
    operations_.abandon(index, error_number);
  });
}

size_t PsyncRing::wait(std::span<Done> done, size_t least, uint64_t deadline_ns) {
  owner_.check();
  const size_t wanted = std::min(std::max<size_t>(least, 1), done.size());
  operations_.stop_overdue([this](uint32_t index, int error_number) {
    pending_.remove(index);
    operations_.abandon(index, error_number);
  });
  // One is served whatever the deadline: a caller that only looks must get on too.
  while (operations_.deliverable() < wanted && !pending_.empty()) {
    serve_one();
    if (steady_now_ns() >= deadline_ns) break;
  }
  return operations_.deliver(done, counts_);
}

RingInfo PsyncRing::info() const { return {.engine = "psync", .depth = depth_}; }

template size_t PsyncRing::accept(std::span<const Read>);
template size_t PsyncRing::accept(std::span<const Write>);
template size_t PsyncRing::accept(std::span<const Sync>);

}  // namespace headrace::io
