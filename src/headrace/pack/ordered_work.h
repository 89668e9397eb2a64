// Work on many threads whose results come out in order, with a bounded number of them waiting.
// Thread safety: one consumer calls take(); `work` runs on many threads at the same time.
// Invariants: 1. at most window_count results exist at a time; 2. take() gives ticket 0, 1, 2 ...
// whatever the timing; 3. the destructor stops and joins at once, but for the work that is under
// way.
#pragma once

#include <cstdint>
#include <exception>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "headrace/base/condition.h"

namespace headrace::pack {

struct OrderedWorkOptions {
  size_t job_count = 1;
  size_t window_count = 4;
  uint64_t ticket_count = 0;
};

template <typename Result>
class OrderedWork {
 public:
  OrderedWork(const OrderedWorkOptions& options, std::function<Result(uint64_t)> work)
      : work_(std::move(work)), ticket_count_(options.ticket_count), slots_(options.window_count) {
    for (size_t i = 0; i < options.job_count; ++i) jobs_.emplace_back([this] { run(); });
  }
  OrderedWork(OrderedWork&&) = delete;
  ~OrderedWork() {
    {
      const std::scoped_lock lock(mutex_);
      stopped_ = true;
    }
    room_.notify_all();
  }

  // The result of the next ticket; throws what the work threw. At most ticket_count calls.
  Result take() {
    std::unique_lock lock(mutex_);
    std::optional<Outcome>& slot = slots_[taken_ % slots_.size()];
    ready_.wait(lock, [&] { return slot.has_value(); });
    Outcome outcome = std::move(*slot);
    slot.reset();
    ++taken_;
    lock.unlock();
    room_.notify_all();
    if (outcome.failure) std::rethrow_exception(outcome.failure);
    return std::move(*outcome.result);
  }

 private:
  struct Outcome {
    std::optional<Result> result = {};
    std::exception_ptr failure = {};
  };

  void run() {
    while (const auto ticket = claim()) {
      Outcome outcome;
      try {
        outcome.result.emplace(work_(*ticket));
      } catch (...) {
        outcome.failure = std::current_exception();
      }
      {
        const std::scoped_lock lock(mutex_);
        slots_[*ticket % slots_.size()] = std::move(outcome);
      }
      ready_.notify_one();
    }
  }
  std::optional<uint64_t> claim() {
    std::unique_lock lock(mutex_);
    room_.wait(lock, [&] {
      return stopped_ || claimed_ == ticket_count_ || claimed_ < taken_ + slots_.size();
    });
    if (stopped_ || claimed_ == ticket_count_) return std::nullopt;
    return claimed_++;
  }

  const std::function<Result(uint64_t)> work_;
  const uint64_t ticket_count_;
  std::mutex mutex_;  // guards all below but jobs_
  std::condition_variable room_;
  std::condition_variable ready_;
  std::vector<std::optional<Outcome>> slots_;
  uint64_t claimed_ = 0;
  uint64_t taken_ = 0;
  bool stopped_ = false;
  std::vector<std::jthread> jobs_;  // last: joined first
};

}  // namespace headrace::pack
