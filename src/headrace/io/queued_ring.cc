// The queue's side of a ring; how operations are served is the derived ring's.
#include "headrace/io/queued_ring.h"

namespace headrace::io {

QueuedRing::QueuedRing(const RingOptions& options, RingInfo info)
    : info_(std::move(info)), operations_(options.depth, options.retries), pending_(options.depth) {
  info_.depth = options.depth;
}

template <typename Wish>
size_t QueuedRing::accept(std::span<const Wish> wishes) {
  owner_.check();
  const uint64_t now_ns = steady_now_ns();
  size_t count = 0;
  for (; count < wishes.size() && !operations_.full(); ++count) {
    const uint32_t index = operations_.begin(wishes[count], now_ns);
    if (!operations_[index].attempt.done()) pending_.push(index);
  }
  return count;
}

void QueuedRing::take(uint32_t index, int64_t raw) {
  Attempt& attempt = operations_[index].attempt;
  attempt.take(raw, counts_);
  if (attempt.done()) {
    operations_.finish(index, steady_now_ns());
  } else {
    pending_.push(index);
  }
}

void QueuedRing::stop(uint32_t index, int error_number) {
  if (pending_.remove(index)) {
    operations_.abandon(index, error_number);
  } else {
    operations_[index].attempt.stop(error_number);
  }
}

void QueuedRing::cancel(uint64_t tag) {
  owner_.check();
  operations_.stop_tagged(tag, [this](auto... what) { stop(what...); });
}

size_t QueuedRing::wait(std::span<Done> done, size_t least, uint64_t deadline_ns) {
  owner_.check();
  const size_t wanted = std::min({least, done.size(), operations_.in_flight()});
  const auto missing = [&] { return wanted - std::min(wanted, operations_.deliverable()); };
  do {
    operations_.stop_overdue([this](auto... what) { stop(what...); });
    serve(missing(), std::min(deadline_ns, operations_.next_deadline_ns()));
  } while (missing() > 0 && (deadline_ns == k_no_deadline || steady_now_ns() < deadline_ns));
  return operations_.deliver(done, counts_);
}

template size_t QueuedRing::accept(std::span<const Read>);
template size_t QueuedRing::accept(std::span<const Write>);
template size_t QueuedRing::accept(std::span<const Sync>);

}  // namespace headrace::io
