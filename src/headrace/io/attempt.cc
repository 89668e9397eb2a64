// The plan of a read (aligned over-read or exact) or write, and the rules for short ones, refusals
// and retries.
#include "headrace/io/attempt.h"

#include <algorithm>
#include <cerrno>
#include <limits>

#include "headrace/base/check.h"

namespace headrace::io {
namespace {

constexpr uint64_t k_last_offset = std::numeric_limits<int64_t>::max() - k_target_alignment;

constexpr uint64_t rounded_down(uint64_t value, uint64_t alignment) {
  return value & ~(alignment - 1);
}
constexpr uint64_t rounded_up(uint64_t value, uint64_t alignment) {
  return rounded_down(value + alignment - 1, alignment);
}
bool is_addressable(uint64_t offset_bytes, uint64_t length_bytes) {
  return offset_bytes <= k_last_offset && length_bytes <= k_last_offset - offset_bytes;
}

}  // namespace

size_t target_bytes_for(const File& file, uint64_t offset_bytes, uint64_t length_bytes) {
  if (length_bytes == 0 || !is_addressable(offset_bytes, length_bytes)) return length_bytes;
  const uint64_t alignment = file.offset_alignment();
  return rounded_up(offset_bytes + length_bytes, alignment) - rounded_down(offset_bytes, alignment);
}

Attempt::Attempt(const Read& read, Retries retries) : wish_(read), allowed_(retries) {
  HR_CHECK(read.file != nullptr, "tag {}", read.tag);
  if (read.length_bytes == 0) {
    done_ = true;
    return;
  }
  if (!is_addressable(read.offset_bytes, read.length_bytes)) {
    done_ = true;
    result_ = -EINVAL;
    return;
  }
  const size_t needed = target_bytes_for(*read.file, read.offset_bytes, read.length_bytes);
  HR_CHECK(read.target.size() >= needed, "target {}, needed {}", read.target.size(), needed);
  const auto address = reinterpret_cast<uintptr_t>(read.target.data());
  HR_CHECK(address % k_target_alignment == 0, "address {:#x}", address);
  plan();
}

Attempt::Attempt(const Write& write, Retries retries)
    : wish_{.file = write.file,
            .offset_bytes = write.offset_bytes,
            .length_bytes = write.source.size(),
            .target = {const_cast<std::byte*>(write.source.data()), write.source.size()},
            .tag = write.tag},
      allowed_(retries),
      action_(Action::write) {
  HR_CHECK(write.file != nullptr && write.file->writable(), "tag {}", write.tag);
  done_ = write.source.empty();
  if (!is_addressable(write.offset_bytes, write.source.size())) finish(-EINVAL);
  plan();
}

Attempt::Attempt(const Sync& sync, Retries retries)
    : wish_{.file = sync.file, .tag = sync.tag}, allowed_(retries), action_(Action::sync) {
  HR_CHECK(sync.file != nullptr, "tag {}", sync.tag);
}

// A write can not go beyond its edges, so it is direct only where they and its memory fit.
bool Attempt::is_aligned() const {
  if (action_ == Action::read) return true;
  const uint64_t edges = wish_.offset_bytes | wish_.length_bytes;
  const auto address = reinterpret_cast<uintptr_t>(wish_.target.data());
  return edges % wish_.file->offset_alignment() == 0 &&
         address % wish_.file->memory_alignment() == 0;
}

void Attempt::plan() {
  direct_ = wish_.file->direct() && is_aligned();
  const bool over_reads = direct_ && action_ == Action::read;
  const uint64_t alignment = over_reads ? wish_.file->offset_alignment() : 1;
  start_bytes_ = rounded_down(wish_.offset_bytes, alignment);
  end_bytes_ = rounded_up(wish_.offset_bytes + wish_.length_bytes, alignment);
  got_bytes_ = 0;
  next_bytes_ = 0;
}

Piece Attempt::next() const {
  HR_CHECK(!done_);
  const uint64_t left = end_bytes_ - start_bytes_ - next_bytes_;
  return {.action = action_,
          .fd_key = 2 * wish_.file->id() + (direct_ ? 1 : 0),
          .direct = direct_,
          .uncached = !direct_ && action_ != Action::sync && wish_.file->uncached(),
          .file = wish_.file,
          .fd = direct_ ? wish_.file->fd_direct() : wish_.file->fd_buffered(),
          .offset_bytes = start_bytes_ + next_bytes_,
          .target = wish_.target.subspan(next_bytes_, std::min(left, k_most_piece_bytes))};
}

void Attempt::take(int64_t raw, RingCounts& counts) {
  if (raw >= 0 && action_ == Action::read) {
    take_bytes(static_cast<uint64_t>(raw), counts);
  } else if (raw >= 0) {
    take_written(static_cast<uint64_t>(raw), counts);
  } else {
    take_error(static_cast<int>(-raw), counts);
  }
  if (stop_error_ != 0 && (!done_ || raw == -ECANCELED)) finish(-int64_t{stop_error_});
}

void Attempt::take_bytes(uint64_t raw_bytes, RingCounts& counts) {
  HR_CHECK(raw_bytes <= next().target.size(), "raw {}", raw_bytes);
  used_ = {.transient = 0, .io_error = 0};
  counts.read_bytes += raw_bytes;
  const bool progress = next_bytes_ + raw_bytes > got_bytes_;
  got_bytes_ = std::max(got_bytes_, next_bytes_ + raw_bytes);
  const uint64_t wanted_end = wish_.offset_bytes + wish_.length_bytes;
  const uint64_t reached = start_bytes_ + got_bytes_;
  if (reached >= wanted_end || !progress || reached == wish_.file->size_bytes()) {
    const uint64_t valid_end = std::min(reached, wanted_end);
    const uint64_t valid_bytes = valid_end - std::min(valid_end, wish_.offset_bytes);
    return finish(static_cast<int64_t>(valid_bytes));
  }
  // A direct read goes on from an aligned offset, so the bytes after it are read again.
  next_bytes_ = direct_ ? rounded_down(got_bytes_, wish_.file->offset_alignment()) : got_bytes_;
  ++counts.resumes;
}

void Attempt::take_written(uint64_t raw_bytes, RingCounts& counts) {
  HR_CHECK(raw_bytes <= next().target.size(), "raw {}", raw_bytes);
  used_ = {.transient = 0, .io_error = 0};
  counts.written_bytes += raw_bytes;
  const bool progress = next_bytes_ + raw_bytes > got_bytes_;
  got_bytes_ = std::max(got_bytes_, next_bytes_ + raw_bytes);
  if (got_bytes_ == wish_.length_bytes) return finish(static_cast<int64_t>(got_bytes_));
  if (!progress) return finish(-EIO);  // a device that takes nothing and says nothing
  next_bytes_ = direct_ ? rounded_down(got_bytes_, wish_.file->offset_alignment()) : got_bytes_;
  ++counts.resumes;
}

void Attempt::take_error(int error_number, RingCounts& counts) {
  if (error_number == EINVAL && direct_) {
    if (wish_.file->latch_buffered()) ++counts.latches;
    return plan();
  }
  if (error_number == EOPNOTSUPP && next().uncached) return wish_.file->latch_cached();
  if (!may_retry(error_number)) return finish(-int64_t{error_number});
  ++counts.retries;
}

// A failed sync is never tried again: the kernel has marked the lost pages clean by then.
bool Attempt::may_retry(int error_number) {
  const bool transient = error_number == EINTR || error_number == EAGAIN;
  if (transient) return used_.transient++ < allowed_.transient;
  if (error_number != EIO || action_ == Action::sync) return false;
  return used_.io_error++ < allowed_.io_error;
}

void Attempt::finish(int64_t result) {
  result_ = result;
  done_ = true;
}

Done Attempt::result(uint64_t submitted_ns, uint64_t now_ns) const {
  HR_CHECK(done_);
  const uint64_t skew =
      result_ > 0 && action_ == Action::read ? wish_.offset_bytes - start_bytes_ : 0;
  return {.tag = wish_.tag,
          .result = result_,
          .data = wish_.target.data() + skew,
          .latency_ns = now_ns - std::min(now_ns, submitted_ns)};
}

}  // namespace headrace::io
