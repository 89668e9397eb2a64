// The operations that a ring has accepted: a flat array made once, with a free list, and a queue of
// those to deliver. Thread safety: the owner's; a worker may use one operation while the owner
// leaves it alone. Invariant: an index is free, or held by the ring, or in the deliverable queue,
// and in one of them only.
#pragma once

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <memory>
#include <span>
#include <vector>

#include "headrace/base/check.h"
#include "headrace/base/clock.h"
#include "headrace/io/attempt.h"

namespace headrace::io {

struct Operation {
  Attempt attempt = {};
  uint64_t submitted_ns = 0;
  uint64_t completed_ns = 0;
  bool open = false;   // begun, not finished; the owner's
  int stop_error = 0;  // asked for by the owner, seen by a worker: through atomic_ref
};

// A first-in first-out queue of operation indices that never grows.
class IndexQueue {
 public:
  explicit IndexQueue(uint32_t capacity) : indices_(capacity) {}
  void push(uint32_t index) {
    HR_CHECK(count_ < indices_.size());
    indices_[(first_ + count_++) % indices_.size()] = index;
  }
  uint32_t pop() {
    HR_CHECK(count_ > 0);
    const uint32_t index = indices_[first_];
    first_ = (first_ + 1) % indices_.size();
    --count_;
    return index;
  }
  // False when it is not there. Takes time with the count, for what hardly ever happens.
  bool remove(uint32_t index) {
    bool found = false;
    for (size_t left = count_; left > 0; --left) {
      const uint32_t one = pop();
      found = found || one == index;
      if (one != index) push(one);
    }
    return found;
  }
  bool empty() const { return count_ == 0; }
  size_t count() const { return count_; }

 private:
  std::vector<uint32_t> indices_;
  size_t first_ = 0;
  size_t count_ = 0;
};

class Operations {
 public:
  Operations(uint32_t depth, Retries retries)
      : operations_(depth), free_(depth), deliverable_(depth), retries_(retries) {
    for (uint32_t index = 0; index < depth; ++index) free_.push(index);
  }
  bool full() const { return free_.empty(); }
  size_t in_flight() const { return operations_.size() - free_.count(); }
  Operation& operator[](uint32_t index) { return operations_[index]; }

  // The index of a new operation; one that needs no system call is deliverable at once.
  template <typename Wish>  // Read, Write, Sync
  uint32_t begin(const Wish& wish, uint64_t now_ns) {
    const uint32_t index = free_.pop();
    operations_[index] = {.attempt = Attempt(wish, retries_), .submitted_ns = now_ns, .open = true};
    Attempt& attempt = operations_[index].attempt;
    next_deadline_ns_ = std::min(next_deadline_ns_, attempt.deadline_ns());
    if (!attempt.done() && attempt.deadline_ns() <= now_ns) attempt.abandon(ETIMEDOUT);
    if (attempt.done()) finish(index, now_ns);
    return index;
  }
  void finish(uint32_t index, uint64_t now_ns) {
    operations_[index].completed_ns = now_ns;
    operations_[index].open = false;
    deliverable_.push(index);
  }
  void abandon(uint32_t index, int error_number) {
    operations_[index].attempt.abandon(error_number);
    finish(index, steady_now_ns());
  }
  // `stop(index, error)` is called once for each open operation that is past its deadline or has
  // the tag.
  uint64_t next_deadline_ns() const { return next_deadline_ns_; }
  template <typename Stop>
  void stop_overdue(Stop stop) {
    if (next_deadline_ns_ == k_no_deadline) return;
    const uint64_t now_ns = steady_now_ns();
    if (now_ns < next_deadline_ns_) return;
    next_deadline_ns_ = k_no_deadline;
    for (uint32_t index = 0; index < operations_.size(); ++index) {
      const uint64_t deadline_ns = operations_[index].attempt.deadline_ns();
      if (deadline_ns > now_ns) {
        if (operations_[index].open) next_deadline_ns_ = std::min(next_deadline_ns_, deadline_ns);
      } else {
        stop_once(index, ETIMEDOUT, stop);
      }
    }
  }
  template <typename Stop>
  void stop_tagged(uint64_t tag, Stop stop) {
    for (uint32_t index = 0; index < operations_.size(); ++index) {
      if (operations_[index].attempt.tag() == tag) stop_once(index, ECANCELED, stop);
    }
  }
  size_t deliverable() const { return deliverable_.count(); }
  // Writes what is deliverable and fits; returns how many.
  size_t deliver(std::span<Done> done, RingCounts& counts) {
    size_t count = 0;
    for (; count < done.size() && !deliverable_.empty(); ++count) {
      const uint32_t index = deliverable_.pop();
      const Operation& operation = operations_[index];
      done[count] = operation.attempt.result(operation.submitted_ns, operation.completed_ns);
      ++counts.completed;
      if (done[count].result < 0) ++counts.failed;
      free_.push(index);
    }
    return count;
  }

 private:
  template <typename Stop>
  void stop_once(uint32_t index, int error_number, Stop& stop) {
    Operation& operation = operations_[index];
    const std::atomic_ref<int> stop_error(operation.stop_error);
    if (!operation.open || stop_error.load(std::memory_order_relaxed) != 0) return;
    stop_error.store(error_number, std::memory_order_relaxed);
    stop(index, error_number);
  }

  std::vector<Operation> operations_;
  IndexQueue free_;
  IndexQueue deliverable_;
  Retries retries_;
  uint64_t next_deadline_ns_ = k_no_deadline;
};

// Aborts when a ring is used by another thread than the one that made it.
class OwnerThread {
 public:
  void check() const {
    HR_CHECK(std::this_thread::get_id() == owner_, "a ring serves the thread that made it");
  }

 private:
  std::thread::id owner_ = std::this_thread::get_id();
};

}  // namespace headrace::io
