// The hot path: entries go in, one enter sends and waits, completions either end an operation or
// renew it.
#include "headrace/io/uring.h"

#include <algorithm>
#include <cerrno>

#include "headrace/base/error.h"
#include "headrace/base/sizes.h"
#include "headrace/io/psync.h"

namespace headrace::io {
namespace {

// A kernel that refuses to enter for a whole second has no memory left for the run.
constexpr uint32_t k_most_refusals = 1000;
constexpr uint64_t k_refusal_pause_ns = 1'000'000;
// Of a disk, as measured (docs/performance.md): 1 MiB blocks at depth 8 came at 2.50 GB/s in
// requests of several MiB, at 2.97 each by itself.
constexpr uint64_t k_best_request_bytes = uint64_t{1} << 20;
constexpr uint64_t k_cancel = ~uint64_t{0};  // user_data of what cancels; others are indices

__kernel_timespec time_until(uint64_t deadline_ns) {
  const uint64_t now_ns = steady_now_ns();
  const uint64_t left_ns = deadline_ns - std::min(deadline_ns, now_ns);
  return {.tv_sec = static_cast<int64_t>(left_ns / 1'000'000'000),
          .tv_nsec = static_cast<long long>(left_ns % 1'000'000'000)};
}

int opcode_for(Action action, bool fixed) {
  switch (action) {
    case Action::read:
      return fixed ? IORING_OP_READ_FIXED : IORING_OP_READ;
    case Action::write:
      return fixed ? IORING_OP_WRITE_FIXED : IORING_OP_WRITE;
    case Action::sync:
      break;
  }
  return IORING_OP_FSYNC;
}

}  // namespace

std::expected<std::unique_ptr<UringRing>, std::string> UringRing::make(const RingOptions& options) {
  const auto setup = set_up_uring(
      {.depth = options.depth, .sqpoll = options.sqpoll, .iopoll_on = options.iopoll_on});
  if (!setup) return std::unexpected(setup.error());
  return std::unique_ptr<UringRing>(new UringRing(*setup, options));
}

UringRing::UringRing(const UringSetup& setup, const RingOptions& options)
    : ring_(setup.ring), operations_(setup.depth, options.retries) {
  info_.engine = "uring";
  info_.depth = setup.depth;
  info_.sqpoll = setup.sqpoll;
  info_.iopoll = setup.iopoll;
  note(setup.not_granted);
  if (setup.depth < options.depth) note(fmt::format("the depth is {}", setup.depth));
  info_.fixed_files = fixed_files_.register_table(ring_);
  register_arena(options);
}

UringRing::~UringRing() {
  owner_.check();
  if (info_.sqpoll) {
    ::io_uring_submit(&ring_);  // the kernel's thread may have taken any of them already
  } else {
    in_kernel_ -= std::exchange(unsent_, 0);  // never sent, so never written to
  }
  while (in_kernel_ > 0) {
    io_uring_cqe* entry = nullptr;
    // Not the submitting kind of wait: what was never sent stays so.
    const int result = ::io_uring_wait_cqe(&ring_, &entry);
    if (result == -EINTR || result == -EAGAIN) continue;
    HR_CHECK(result == 0, "io_uring_wait_cqe: {}", text_of_errno(-result));
    ::io_uring_cqe_seen(&ring_, entry);
    --in_kernel_;
  }
  tear_down_uring(ring_);
}

void UringRing::note(const std::string& sentence) {
  if (sentence.empty()) return;
  if (!info_.why_not_better.empty()) info_.why_not_better += "; ";
  info_.why_not_better += sentence;
}

void UringRing::register_arena(const RingOptions& options) {
  if (options.registration != nullptr && take_over(*options.registration)) return;
  const std::span<std::byte> arena = options.arena;
  if (arena.empty()) return;
  int refusal = 0;
  registered_ = arena.first(register_buffers(ring_, arena, refusal));
  info_.registered_bytes = registered_.size();
  info_.registered = registered_.size() == arena.size();
  if (info_.registered) return;
  note(fmt::format("{} of {} are registered as buffers: {}{}", format_size(registered_.size()),
                   format_size(arena.size()), text_of_errno(refusal),
                   refusal == ENOMEM ? " (raise ulimit -l)" : ""));
}

bool UringRing::take_over(const Registration& registration) {
  if (const int refusal = registration.clone_to(ring_); refusal != 0) {
    note(fmt::format("registered buffers are not shared: {}{}", text_of_errno(refusal),
                     refusal == EINVAL ? " (Linux 6.12)" : ""));
    return false;
  }
  registered_ = registration.bytes();
  info_.registered_bytes = registered_.size();
  info_.registered = info_.shares_registration = true;
  return true;
}

// The registered buffer that holds the whole target, or -1.
int UringRing::buffer_index(std::span<const std::byte> target) const {
  if (target.empty() || registered_.empty() || target.data() < registered_.data()) return -1;
  const auto first = static_cast<uint64_t>(target.data() - registered_.data());
  if (first > registered_.size() || target.size() > registered_.size() - first) return -1;
  const uint64_t last = first + target.size() - 1;
  return first / k_buffer_bytes == last / k_buffer_bytes ? static_cast<int>(first / k_buffer_bytes)
                                                         : -1;
}

// A kernel thread that takes submissions may lag behind.
io_uring_sqe* UringRing::next_entry() {
  io_uring_sqe* entry = ::io_uring_get_sqe(&ring_);
  while (entry == nullptr) {
    ::io_uring_submit(&ring_);
    if (info_.sqpoll) ::io_uring_sqring_wait(&ring_);
    entry = ::io_uring_get_sqe(&ring_);
  }
  ++unsent_;
  ++in_kernel_;
  return entry;
}

void UringRing::queue_piece(uint32_t index) {
  const Piece piece = operations_[index].attempt.next();
  if (info_.iopoll && (!piece.direct || piece.action == Action::sync)) return serve_here(index);
  part_long_runs(piece);
  const int buffer = buffer_index(piece.target);
  const int fixed_file = fixed_files_.index_of(ring_, piece, unsent_ == 0);
  io_uring_sqe* entry = next_entry();
  ::io_uring_prep_rw(opcode_for(piece.action, buffer >= 0), entry,
                     fixed_file >= 0 ? fixed_file : piece.fd, piece.target.data(),
                     static_cast<unsigned>(piece.target.size()), piece.offset_bytes);
  if (fixed_file >= 0) entry->flags = IOSQE_FIXED_FILE;
  if (buffer >= 0) entry->buf_index = static_cast<uint16_t>(buffer);
  if (piece.uncached) entry->rw_flags = k_rwf_dontcache;
  entry->user_data = index;
}

// What one system call submits the kernel merges where it is adjacent, up to several MiB a request,
// and then too few requests are in flight for a device to be busy. Sending first keeps them apart.
void UringRing::part_long_runs(const Piece& piece) {
  const uint64_t size_bytes = piece.target.size();
  const bool adjacent = piece.direct && piece.fd == run_.fd && piece.offset_bytes == run_.end_bytes;
  if (adjacent && run_.size_bytes + size_bytes > k_best_request_bytes && unsent_ > 0) {
    ::io_uring_submit(&ring_);
    unsent_ = ::io_uring_sq_ready(&ring_);
    run_.size_bytes = 0;
  }
  run_ = {.fd = piece.fd,
          .end_bytes = piece.offset_bytes + size_bytes,
          .size_bytes = adjacent ? run_.size_bytes + size_bytes : size_bytes};
}

// A ring that polls takes direct reads and writes only; the rest is rare and served at once.
void UringRing::serve_here(uint32_t index) {
  Attempt& attempt = operations_[index].attempt;
  while (!attempt.done()) attempt.take(serve_piece(attempt.next()), counts_);
  operations_.finish(index, steady_now_ns());
}

// A device that has begun does not give up, and then the operation ends as it would have. Polled
// rings cannot cancel at all.
void UringRing::stop(uint32_t index, int error_number) {
  operations_[index].attempt.stop(error_number);
  if (info_.iopoll) return;
  io_uring_sqe* entry = next_entry();
  ::io_uring_prep_cancel64(entry, index, 0);
  entry->user_data = k_cancel;
}

void UringRing::cancel(uint64_t tag) {
  owner_.check();
  operations_.stop_tagged(tag, [this](auto... what) { stop(what...); });
}

template <typename Wish>
size_t UringRing::accept(std::span<const Wish> wishes) {
  owner_.check();
  const uint64_t now_ns = steady_now_ns();
  size_t count = 0;
  for (; count < wishes.size() && !operations_.full(); ++count) {
    const uint32_t index = operations_.begin(wishes[count], now_ns);
    if (!operations_[index].attempt.done()) queue_piece(index);
  }
  return count;
}

// One system call: sends what is queued, waits for `least` completions or the deadline.
void UringRing::enter(uint32_t least, uint64_t deadline_ns) {
  int result = 0;
  if (least == 0) {
    result = ::io_uring_submit_and_get_events(&ring_);
  } else if (deadline_ns == k_no_deadline) {
    result = ::io_uring_submit_and_wait(&ring_, least);
  } else {
    io_uring_cqe* entry = nullptr;
    __kernel_timespec left = time_until(deadline_ns);
    result = ::io_uring_submit_and_wait_timeout(&ring_, &entry, least, &left, nullptr);
  }
  unsent_ = ::io_uring_sq_ready(&ring_);
  if (result == -EAGAIN || result == -EBUSY) return bear_refusal(-result);
  refusals_ = 0;
  const bool expected = result >= 0 || result == -ETIME || result == -EINTR;
  if (!expected) throw_errno(-result, "cannot go on with", "io_uring_enter");
}

// The kernel is short of memory for requests, or wants its completions taken first: give it a
// moment.
void UringRing::bear_refusal(int error_number) {
  if (++refusals_ > k_most_refusals)
    throw_errno(error_number, "cannot go on with", "io_uring_enter");
  SteadyClock clock;
  clock.sleep_until_ns(clock.now_ns() + k_refusal_pause_ns);
}

void UringRing::reap() {
  io_uring_cqe* entry = nullptr;
  unsigned head = 0;
  unsigned seen = 0;
  const uint64_t now_ns = steady_now_ns();
  io_uring_for_each_cqe(&ring_, head, entry) {
    ++seen;
    --in_kernel_;
    if (entry->user_data == k_cancel) continue;
    const auto index = static_cast<uint32_t>(entry->user_data);
    Attempt& attempt = operations_[index].attempt;
    attempt.take(entry->res, counts_);
    if (attempt.done()) {
      operations_.finish(index, now_ns);
    } else {
      queue_piece(index);
    }
  }
  ::io_uring_cq_advance(&ring_, seen);
}

size_t UringRing::wait(std::span<Done> done, size_t least, uint64_t deadline_ns) {
  owner_.check();
  const size_t wanted = std::min({least, done.size(), operations_.in_flight()});
  const auto missing = [&] { return wanted - std::min(wanted, operations_.deliverable()); };
  do {
    operations_.stop_overdue([this](auto... what) { stop(what...); });
    enter(static_cast<uint32_t>(std::min<size_t>(missing(), in_kernel_)),
          std::min(deadline_ns, operations_.next_deadline_ns()));
    reap();
  } while (missing() > 0 && (deadline_ns == k_no_deadline || steady_now_ns() < deadline_ns));
  return operations_.deliver(done, counts_);
}

template size_t UringRing::accept(std::span<const Read>);
template size_t UringRing::accept(std::span<const Write>);
template size_t UringRing::accept(std::span<const Sync>);

}  // namespace headrace::io
