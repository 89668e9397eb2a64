// Fills idle batches from the queue, and asks busy ones what is done.
#include "headrace/io/cufile_batch.h"

#include <algorithm>
#include <cerrno>

#include "headrace/base/error.h"
#include "headrace/io/psync.h"

namespace headrace::io {
namespace {

constexpr uint64_t k_patience_ns = 1'000'000;  // of one look while several batches are under way
constexpr uint32_t k_most_errors = 1000;       // of status calls in a row

int64_t raw_of(const shim::CuBatchEvent& event) {
  switch (event.status) {
    case shim::cu_complete:
      return static_cast<int64_t>(event.result);
    case shim::cu_invalid:
      return -EINVAL;
    case shim::cu_canceled:
      return -ECANCELED;
    case shim::cu_timeout:
      return -ETIMEDOUT;
    default:
      return -EIO;
  }
}

}  // namespace

CuFileBatchRing::CuFileBatchRing(const RingOptions& options, bool compatible,
                                 std::unique_ptr<shim::CuFile> library)
    : QueuedRing(options, {.engine = "cufile-batch"}),
      library_(std::move(library)),
      files_(*library_, options.arena),
      pieces_(options.depth) {
  const unsigned most = compatible ? shim::k_cu_compatible_most : shim::k_cu_batch_most;
  const unsigned wanted = std::min(options.depth, most);
  batches_.resize(std::max(1u, wanted / k_batch_entries));
  for (Batch& batch : batches_) {
    const shim::CuError error = library_->batch_set_up(&batch.handle, k_batch_entries);
    if (error.error == 0) continue;
    batch.handle = nullptr;
    info_.why_not_better = fmt::format("cuFileBatchIOSetUp: error {}", error.error);
  }
  std::erase_if(batches_, [](const Batch& batch) { return batch.handle == nullptr; });
  if (batches_.empty()) {
    throw Error({.code = Code::unsupported,
                 .action = "cannot make an I/O ring",
                 .object = "cufile-batch",
                 .cause = info_.why_not_better,
                 .hint = "engine \"cufile\" needs no batches"});
  }
  entries_.reserve(k_batch_entries);
  if (wanted < options.depth) {
    info_.why_not_better = fmt::format("{} of {} are under way at once", wanted, options.depth);
  }
  info_.registered = files_.arena_is_registered();
  if (info_.registered) info_.registered_bytes = options.arena.size();
}

CuFileBatchRing::~CuFileBatchRing() {
  for (Batch& batch : batches_) {
    if (batch.open > 0) library_->batch_cancel(batch.handle);
    // What was begun writes to its targets until it says that it is done.
    for (uint32_t tries = 0; batch.open > 0 && tries < k_most_errors; ++tries) {
      if (reap(batch, 1, k_patience_ns) > 0) tries = 0;
    }
    HR_CHECK(batch.open == 0, "{} transfers never ended", batch.open);
    library_->batch_destroy(batch.handle);
  }
}

void CuFileBatchRing::serve(size_t least, uint64_t deadline_ns) {
  for (Batch& batch : batches_) {
    if (batch.open == 0 && !pending_.empty()) begin(batch);
  }
  const size_t busy = static_cast<size_t>(
      std::ranges::count_if(batches_, [](const Batch& batch) { return batch.open > 0; }));
  const size_t before = operations_.deliverable();
  const uint64_t now_ns = steady_now_ns();
  const uint64_t left_ns = std::min(deadline_ns - std::min(deadline_ns, now_ns), k_patience_ns);
  for (Batch& batch : batches_) {
    if (batch.open == 0) continue;
    const bool may_wait = operations_.deliverable() - before < least;
    reap(batch, may_wait ? 1 : 0, may_wait ? left_ns / busy : 0);
  }
  if (errors_ < k_most_errors) return;
  throw Error({.code = Code::io,
               .action = "cannot go on with",
               .object = "cuFileBatchIOGetStatus",
               .cause = fmt::format("{} errors in a row", errors_),
               .hint = "engine \"cufile\" needs no batches; gdscheck -p tests the installation"});
}

void CuFileBatchRing::begin(Batch& batch) {
  entries_.clear();
  while (!pending_.empty() && entries_.size() < k_batch_entries) add(pending_.pop(), entries_);
  if (entries_.empty()) return;
  const auto count = static_cast<unsigned>(entries_.size());
  const shim::CuError error = library_->batch_submit(batch.handle, count, entries_.data(), 0);
  if (error.error == 0) {
    batch.open = count;
    return;
  }
  for (const shim::CuBatchEntry& entry : entries_) {
    take_event({.cookie = entry.cookie, .status = shim::cu_failed, .result = 0});
  }
}

// False when the operation was served or failed at once.
bool CuFileBatchRing::add(uint32_t index, std::vector<shim::CuBatchEntry>& entries) {
  const Piece piece = operations_[index].attempt.next();
  if (piece.action == Action::sync) {
    take(index, serve_piece(piece));
    return false;
  }
  const auto handle = files_.acquire(piece);
  if (!handle) {
    take(index, -int64_t{handle.error()});
    return false;
  }
  const CuPlace place = files_.place_of(piece.target);
  pieces_[index] = piece;
  entries.push_back({.mode = 1,
                     .range = {.base = place.base,
                               .file_offset = static_cast<off_t>(piece.offset_bytes),
                               .base_offset = place.offset_bytes,
                               .size = piece.target.size()},
                     .file = *handle,
                     .opcode = piece.action == Action::read ? 0 : 1,
                     .cookie = reinterpret_cast<void*>(uintptr_t{index} + 1)});
  return true;
}

unsigned CuFileBatchRing::reap(Batch& batch, unsigned least, uint64_t patience_ns) {
  std::array<shim::CuBatchEvent, k_batch_entries> events = {};
  unsigned count = batch.open;
  timespec patience = {.tv_sec = static_cast<time_t>(patience_ns / 1'000'000'000),
                       .tv_nsec = static_cast<long>(patience_ns % 1'000'000'000)};
  const shim::CuError error =
      library_->batch_status(batch.handle, least, &count, events.data(), &patience);
  // The entries stay under way: their memory cannot be given back for a mere question's error.
  errors_ = error.error == 0 ? 0 : errors_ + 1;
  if (error.error != 0) return 0;
  HR_CHECK(count <= batch.open, "count {}, open {}", count, batch.open);
  unsigned done = 0;
  for (const shim::CuBatchEvent& event : std::span(events).first(count)) {
    if (event.status == shim::cu_waiting || event.status == shim::cu_pending) continue;
    take_event(event);
    ++done;
  }
  batch.open -= done;
  return done;
}

void CuFileBatchRing::take_event(const shim::CuBatchEvent& event) {
  const auto index = static_cast<uint32_t>(reinterpret_cast<uintptr_t>(event.cookie) - 1);
  HR_CHECK(index < pieces_.size(), "cookie {}", event.cookie);
  files_.release(pieces_[index]);
  take(index, raw_of(event));
}

}  // namespace headrace::io
