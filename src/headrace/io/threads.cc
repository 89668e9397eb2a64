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
    : depth_(options.depth),
      why_not_better_(std::move(why_not_better)),
      operations_(options.depth),
      pending_(options.depth),
      served_(options.depth) {
  const uint32_t count = std::min(depth_, k_most_threads);
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
    while (!operation.attempt.done()) {
      operation.attempt.take(serve_piece(operation.attempt.next()), own);
    }
    operation.completed_ns = steady_now_ns();
    lock.lock();
    counts_ += own;
    served_.push(index);
    if (wanted_ > 0 && served_.count() >= wanted_) has_served_.notify_one();
  }
}

size_t ThreadsRing::wait(std::span<Done> done, size_t least, uint64_t deadline_ns) {
  owner_.check();
  const size_t ready = operations_.deliverable();
  const size_t most = std::min(done.size(), operations_.in_flight());
  const size_t wanted = std::min(least, most) - std::min(std::min(least, most), ready);
  {
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
  RingCounts counts;
  const size_t count = operations_.deliver(done, counts);
  delivered_ += counts.completed;
  failed_ += counts.failed;
  return count;
}

RingInfo ThreadsRing::info() const {
  return {.engine = "threads", .depth = depth_, .why_not_better = why_not_better_};
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
