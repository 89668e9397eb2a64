// Deals operations to streams, and hears from them.
#include "headrace/io/cufile_stream.h"

#include <cerrno>

#include "headrace/io/psync.h"

namespace headrace::io {

std::expected<std::unique_ptr<Ring>, std::string> CuFileStreamRing::make(
    const RingOptions& options, std::unique_ptr<shim::CuFile> library,
    std::unique_ptr<shim::CudaDriver> driver) {
  std::unique_ptr<CuFileStreamRing> ring(
      new CuFileStreamRing(options, std::move(library), std::move(driver)));
  if (ring->streams_.empty()) return std::unexpected("cuStreamCreate: no stream is to be had");
  return ring;
}

CuFileStreamRing::CuFileStreamRing(const RingOptions& options,
                                   std::unique_ptr<shim::CuFile> library,
                                   std::unique_ptr<shim::CudaDriver> driver)
    : QueuedRing(options, {.engine = "cufile-stream"}),
      library_(std::move(library)),
      driver_(std::move(driver)),
      files_(*library_, options.arena),
      calls_(options.depth),
      arrivals_(options.depth) {
  for (uint32_t number = 0; number < std::min(k_streams, options.depth); ++number) {
    shim::CuStream stream = nullptr;
    if (driver_->stream_create(&stream, 1) == 0) streams_.push_back(stream);
  }
  info_.registered = files_.arena_is_registered();
  if (info_.registered) info_.registered_bytes = options.arena.size();
}

CuFileStreamRing::~CuFileStreamRing() {
  for (const shim::CuStream stream : streams_) {
    driver_->stream_synchronize(stream);
    driver_->stream_destroy(stream);
  }
}

void CuFileStreamRing::serve(size_t least, uint64_t deadline_ns) {
  while (!pending_.empty()) begin(pending_.pop());
  const size_t before = operations_.deliverable();
  while (under_way_ > 0) {
    const bool may_wait = operations_.deliverable() - before < least;
    const auto index = arrivals_.next(may_wait ? deadline_ns : 0);
    if (!index) return;
    end(*index);
  }
}

void CuFileStreamRing::begin(uint32_t index) {
  const Piece piece = operations_[index].attempt.next();
  if (piece.action == Action::sync) return take(index, serve_piece(piece));
  const auto handle = files_.acquire(piece);
  if (!handle) return take(index, -int64_t{handle.error()});
  const CuPlace place = files_.place_of(piece.target);
  Call& call = calls_[index];
  call = {.size = piece.target.size(),
          .file_offset = static_cast<off_t>(piece.offset_bytes),
          .base_offset = place.offset_bytes,
          .piece = piece,
          .arrivals = &arrivals_,
          .index = index};
  const shim::CuStream stream = streams_[next_stream_++ % streams_.size()];
  const auto run = piece.action == Action::read ? library_->read_async : library_->write_async;
  const shim::CuError error = run(*handle, place.base, &call.size, &call.file_offset,
                                  &call.base_offset, &call.moved, stream);
  ++under_way_;
  if (error.error != 0) {
    call.moved = -1;
    return end(index);
  }
  if (driver_->launch_host(stream, passed, &call) == 0) return;
  driver_->stream_synchronize(stream);
  end(index);
}

void CuFileStreamRing::passed(void* call) {
  const auto* one = static_cast<const Call*>(call);
  one->arrivals->note(one->index);
}

void CuFileStreamRing::end(uint32_t index) {
  --under_way_;
  const Call& call = calls_[index];
  files_.release(call.piece);
  take(index, call.moved < 0 ? -EIO : int64_t{call.moved});
}

}  // namespace headrace::io
