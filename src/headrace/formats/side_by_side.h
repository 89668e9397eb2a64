// The same work for many files of a data set, on several threads where there is much.
// Thread safety: a function; `work` is called from several threads at once.
#pragma once

#include <algorithm>
#include <atomic>
#include <exception>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace headrace::formats {

inline constexpr size_t k_opener_limit = 8;  // threads

inline uint64_t opener_count() {
  return std::min<uint64_t>(k_opener_limit, std::thread::hardware_concurrency());
}

// Calls work(0) to work(count - 1); rethrows what one threw, after which none is begun.
inline void side_by_side(uint64_t count, const std::function<void(uint64_t)>& work,
                         uint64_t worth_a_thread = 16) {
  std::atomic<uint64_t> next{0};
  std::mutex mutex;  // guards failure
  std::exception_ptr failure;
  const auto run = [&] {
    try {
      for (uint64_t i = next++; i < count; i = next++) work(i);
    } catch (...) {
      const std::scoped_lock lock(mutex);
      if (!failure) failure = std::current_exception();
      next = count;
    }
  };
  {
    std::vector<std::jthread> threads;
    const uint64_t wanted = std::min(opener_count(), count / worth_a_thread);
    for (uint64_t i = 1; i < wanted; ++i) threads.emplace_back(run);
    run();
  }
  if (failure) std::rethrow_exception(failure);
}

}  // namespace headrace::formats
