// For tests: a ring around another one that is late, narrow, or wrong when told.
// Thread safety: one owner thread, as any ring. Invariant: a completion is held back until its time
// has come by the given clock, so with a FakeClock nothing sleeps.
#pragma once

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

#include "headrace/base/clock.h"
#include "headrace/io/ring.h"

namespace headrace::io {

// `nth` counts what was accepted from 1; 0 = never.
struct Faults {
  uint64_t delay_ns = 0;          // each completion is this late
  uint64_t bytes_per_second = 0;  // all completions share this; 0 = no limit
  uint64_t fail_nth = 0;
  bool fail_later_too = false;  // the nth and all after it
  int error_number = 5;         // EIO
  uint64_t short_nth = 0;
  uint64_t short_bytes = 0;  // what the short read brings at most
};

class FaultRing final : public Ring {
 public:
  FaultRing(std::unique_ptr<Ring> inner, const Faults& faults, Clock& clock)
      : inner_(std::move(inner)), faults_(faults), clock_(clock), room_(inner_->info().depth) {
    held_.reserve(room_.size());
  }

  size_t submit(std::span<const Read> reads) override { return pass_on(reads); }
  size_t submit(std::span<const Write> writes) override { return pass_on(writes); }
  size_t submit(std::span<const Sync> syncs) override { return pass_on(syncs); }

  size_t wait(std::span<Done> done, size_t least, uint64_t deadline_ns) override {
    const size_t wanted = std::min({least, done.size(), in_flight_});
    size_t count = 0;
    for (;;) {
      collect(wanted > count && held_.empty() ? 1 : 0, deadline_ns);
      count += release(done.subspan(count));
      const uint64_t now_ns = clock_.now_ns();
      if (count >= wanted || now_ns >= deadline_ns) return count;
      if (!held_.empty()) clock_.sleep_until_ns(std::min(held_.front().due_ns, deadline_ns));
    }
  }

  void cancel(uint64_t tag) override { inner_->cancel(tag); }
  size_t in_flight() const override { return in_flight_; }
  RingInfo info() const override { return inner_->info(); }
  RingCounts counts() const override { return inner_->counts(); }

 private:
  struct Held {
    Done done = {};
    uint64_t due_ns = 0;
  };
  struct Accepted {
    uint64_t tag = 0;
    uint64_t number = 0;
    uint64_t submitted_ns = 0;
  };

  template <typename Wish>
  size_t pass_on(std::span<const Wish> wishes) {
    // The inner ring gives its slot back before the completion's time has come, so the depth is
    // kept here.
    const size_t most = std::min(wishes.size(), room_.size() - in_flight_);
    const size_t count = inner_->submit(wishes.first(most));
    for (const Wish& wish : wishes.first(count)) note(wish.tag);
    in_flight_ += count;
    return count;
  }

  void note(uint64_t tag) {
    accepted_.push_back({.tag = tag, .number = ++accepted_count_, .submitted_ns = clock_.now_ns()});
  }

  void collect(size_t least, uint64_t deadline_ns) {
    const size_t count = inner_->wait(room_, least, deadline_ns);
    for (const Done& done : std::span(room_).first(count)) hold(done);
    std::ranges::sort(held_, {}, &Held::due_ns);
  }

  void hold(Done done) {
    const auto found = std::ranges::find(accepted_, done.tag, &Accepted::tag);
    const Accepted accepted = *found;
    accepted_.erase(found);
    const bool fails =
        faults_.fail_nth != 0 && (accepted.number == faults_.fail_nth ||
                                  (faults_.fail_later_too && accepted.number > faults_.fail_nth));
    if (fails) done.result = -faults_.error_number;
    if (accepted.number == faults_.short_nth) {
      done.result = std::min(done.result, static_cast<int64_t>(faults_.short_bytes));
    }
    const uint64_t bytes = static_cast<uint64_t>(std::max<int64_t>(done.result, 0));
    uint64_t due_ns = accepted.submitted_ns + faults_.delay_ns;
    if (faults_.bytes_per_second != 0) {
      pipe_free_ns_ = std::max(pipe_free_ns_, accepted.submitted_ns) +
                      bytes * 1'000'000'000 / faults_.bytes_per_second;
      due_ns = std::max(due_ns, pipe_free_ns_);
    }
    done.latency_ns = std::max(done.latency_ns, due_ns - accepted.submitted_ns);
    held_.push_back({.done = done, .due_ns = due_ns});
  }

  size_t release(std::span<Done> done) {
    const uint64_t now_ns = clock_.now_ns();
    size_t count = 0;
    while (count < done.size() && count < held_.size() && held_[count].due_ns <= now_ns) {
      done[count] = held_[count].done;
      ++count;
    }
    held_.erase(held_.begin(), held_.begin() + static_cast<ptrdiff_t>(count));
    in_flight_ -= count;
    return count;
  }

  std::unique_ptr<Ring> inner_;
  Faults faults_;
  Clock& clock_;
  std::vector<Done> room_;
  std::vector<Accepted> accepted_;
  std::vector<Held> held_;  // by due time
  size_t in_flight_ = 0;
  uint64_t accepted_count_ = 0;
  uint64_t pipe_free_ns_ = 0;
};

}  // namespace headrace::io
