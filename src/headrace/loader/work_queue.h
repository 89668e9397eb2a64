// Entries whose bytes have arrived, from the one feeder to all workers. Lock-free: the feeder
// writes an entry and moves `tail_`; a worker claims one by moving `head_`. Invariants: (1) at most
// `capacity` entries are unclaimed, which the feeder's own bound on reads guarantees; (2) an entry
// is claimed by exactly one worker.
#pragma once

#include <atomic>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "headrace/base/check.h"

namespace headrace::loader {

class WorkQueue {
 public:
  explicit WorkQueue(uint32_t capacity) : entries_(capacity) {}

  // The feeder only. One bell for all of them.
  void push(std::span<const uint32_t> entries) {
    if (entries.empty()) return;
    const uint64_t tail = tail_.load(std::memory_order_relaxed);
    const uint64_t used = tail - head_.load(std::memory_order_acquire);
    HR_CHECK(used + entries.size() <= entries_.size(), "tail {}, {} more", tail, entries.size());
    for (size_t i = 0; i < entries.size(); ++i) {
      entries_[(tail + i) % entries_.size()].store(entries[i], std::memory_order_relaxed);
    }
    tail_.store(tail + entries.size(), std::memory_order_release);
    signal_.fetch_add(1, std::memory_order_release);
    if (entries.size() == 1) {
      signal_.notify_one();
    } else {
      signal_.notify_all();
    }
  }

  // Blocks until there is an entry; nullopt once closed.
  std::optional<uint32_t> pop() {
    while (true) {
      const uint32_t signal = signal_.load(std::memory_order_acquire);
      if (closed_.load(std::memory_order_acquire)) return std::nullopt;
      if (const auto entry = try_pop()) return entry;
      signal_.wait(signal, std::memory_order_acquire);
    }
  }

  void close() {
    closed_.store(true, std::memory_order_release);
    signal_.fetch_add(1, std::memory_order_release);
    signal_.notify_all();
  }

  // A moment old when other threads are at work.
  uint64_t size() const {
    const uint64_t head = head_.load(std::memory_order_relaxed);
    const uint64_t tail = tail_.load(std::memory_order_relaxed);
    return tail > head ? tail - head : 0;
  }

 private:
  std::optional<uint32_t> try_pop() {
    uint64_t head = head_.load(std::memory_order_relaxed);
    while (head < tail_.load(std::memory_order_acquire)) {
      const uint32_t entry = entries_[head % entries_.size()].load(std::memory_order_relaxed);
      if (head_.compare_exchange_weak(head, head + 1, std::memory_order_acq_rel)) return entry;
    }
    return std::nullopt;
  }

  std::vector<std::atomic<uint32_t>> entries_;
  alignas(64) std::atomic<uint64_t> head_{0};
  alignas(64) std::atomic<uint64_t> tail_{0};
  alignas(64) std::atomic<uint32_t> signal_{0};
  std::atomic<bool> closed_{false};
};

}  // namespace headrace::loader
