// Workers pop an operation, serve it until it is done, and push it back; the owner sleeps only in
// wait.
#include "headrace/io/threads.h"

#include <limits>

#include "headrace/io/psync.h"

namespace headrace::io {
namespace {

constexpr uint64_t k_latest_ns = std::numeric_limits<int64_t>::max();

}  // namespace

ThreadsRing::ThreadsRing(const RingOptions& options, std::string why_not_better)
    : ThreadsRing(options, {.engine = "threads", .why_not_better = std::move(why_not_better)},
                  serve_piece) {}

ThreadsRing::ThreadsRing(const RingOptions& options, RingInfo info, Serve serve)
    : info_(std::move(info)),
      serve_(std::move(serve)),
      operations_(options.depth, options.retries),
      pending_(options.depth),
      served_(options.depth) {
  info_.depth = options.depth;
  const uint32_t count = std::min(options.depth, k_most_threads);
  workers_.reserve(count);
  for (uint32_t index = 0; index < count; ++index) {
    workers_.emplace_back([this](std::stop_token stop) { work(stop); });
  }
}

ThreadsRing::~ThreadsRing() {
  owner_.check();
  for (std::jthread& worker : workers_) worker.request_stop();
}

template <typename Wish>
size_t ThreadsRing::accept(std::span<const Wish> wishes) {
  owner_.check();
  const uint64_t now_ns = steady_now_ns();
  size_t count = 0;
  size_t queued = 0;
  {
    const std::lock_guard lock(mutex_);
    for (; count < wishes.size() && !operations_.full(); ++count) {
      const uint32_t index = operations_.begin(wishes[count], now_ns);
      if (operations_[index].attempt.done()) continue;
      pending_.push(index);
      ++queued;
    }
  }
  if (queued > 1) has_pending_.notify_all();
  if (queued == 1) has_pending_.notify_one();
  return count;
}

void ThreadsRing::work(std::stop_token stop) {
  RingCounts own;
  std::unique_lock lock(mutex_);
  while (has_pending_.wait(lock, stop, [&] { return !pending_.empty(); })) {
    if (stop.stop_requested()) return;
    const uint32_t index = pending_.pop();
    lock.unlock();
    own = {};
    Operation& operation = operations_[index];
    serve(operation, own);
    lock.lock();
    counts_ += own;
    served_.push(index);
    if (wanted_ > 0 && served_.count() >= wanted_) has_served_.notify_one();
  }
}

void ThreadsRing::serve(Operation& operation, RingCounts& counts) {
  Attempt& attempt = operation.attempt;
  const std::atomic_ref<int> stop_error(operation.stop_error);
  while (!attempt.done()) {
    const int error_number = stop_error.load(std::memory_order_relaxed);
    if (error_number != 0) {
      attempt.abandon(error_number);
    } else {
      attempt.take(serve_(attempt.next()), counts);
    }
  }
  operation.completed_ns = steady_now_ns();
}

// What no worker has begun ends now; a worker looks between its calls.
void ThreadsRing::stop(uint32_t index, int error_number) {
  bool was_pending = false;
  {
    const std::lock_guard lock(mutex_);
    was_pending = pending_.remove(index);
  }
  if (was_pending) operations_.abandon(index, error_number);
}

void ThreadsRing::cancel(uint64_t tag) {
  owner_.check();
  operations_.stop_tagged(tag, [this](auto... what) { stop(what...); });
}

size_t ThreadsRing::wait(std::span<Done> done, size_t least, uint64_t deadline_ns) {
  owner_.check();
  const size_t wanted = std::min({least, done.size(), operations_.in_flight()});
  const auto missing = [&] { return wanted - std::min(wanted, operations_.deliverable()); };
  do {
    operations_.stop_overdue([this](auto... what) { stop(what...); });
    collect(missing(), std::min(deadline_ns, operations_.next_deadline_ns()));
  } while (missing() > 0 && (deadline_ns == k_no_deadline || steady_now_ns() < deadline_ns));
  RingCounts counts;
  const size_t count = operations_.deliver(done, counts);
  delivered_ += counts.completed;
  failed_ += counts.failed;
  return count;
}

// Sleeps until the workers have served as many as are wanted, or the deadline.
void ThreadsRing::collect(size_t wanted, uint64_t deadline_ns) {
  std::unique_lock lock(mutex_);
  const auto enough = [&] { return served_.count() >= wanted; };
  wanted_ = wanted;
  if (deadline_ns == k_no_deadline) {
    has_served_.wait(lock, enough);
  } else {
    const auto deadline = std::chrono::steady_clock::time_point(
        std::chrono::nanoseconds(static_cast<int64_t>(std::min(deadline_ns, k_latest_ns))));
    has_served_.wait_until(lock, deadline, enough);
  }
  wanted_ = 0;
  while (!served_.empty()) {
    const uint32_t index = served_.pop();
    operations_.finish(index, operations_[index].completed_ns);
  }
}

RingCounts ThreadsRing::counts() const {
  const std::lock_guard lock(mutex_);
  RingCounts counts = counts_;
  counts.completed = delivered_;
  counts.failed = failed_;
  return counts;
}

template size_t ThreadsRing::accept(std::span<const Read>);
template size_t ThreadsRing::accept(std::span<const Write>);
template size_t ThreadsRing::accept(std::span<const Sync>);

}  // namespace headrace::io
