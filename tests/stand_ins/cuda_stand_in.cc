// libcuda for tests: streams are threads that work through what they are given, in order, and
// device memory is host memory. Thread safety: as the real one: any thread.
#include <condition_variable>
#include <cstring>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

#include "headrace/shim/cufile.h"
#include "headrace/shim/stand_in.h"

using namespace headrace::shim;

namespace {

StandInFaults faults;

class Stream {
 public:
  void add(std::function<void()> work) {
    const std::lock_guard lock(mutex_);
    work_.push_back(std::move(work));
    ++open_;
    changed_.notify_all();
  }
  void drain() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return open_ == 0; });
  }

 private:
  void run(const std::stop_token& stop) {
    std::unique_lock lock(mutex_);
    while (changed_.wait(lock, stop, [this] { return !work_.empty(); })) {
      const auto work = std::move(work_.front());
      work_.pop_front();
      lock.unlock();
      work();
      lock.lock();
      --open_;
      changed_.notify_all();
    }
  }

  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::deque<std::function<void()>> work_;
  size_t open_ = 0;
  std::jthread thread_{[this](const std::stop_token& stop) { run(stop); }};
};

}  // namespace

extern "C" {

StandInFaults* stand_in_faults() { return &faults; }

int cuStreamCreate(CuStream* stream, unsigned) {
  if (faults.driver_error != 0) return faults.driver_error;
  *stream = new Stream;
  ++faults.handles;
  return 0;
}
int cuStreamSynchronize(CuStream stream) {
  static_cast<Stream*>(stream)->drain();
  return 0;
}
int cuStreamDestroy_v2(CuStream stream) {
  delete static_cast<Stream*>(stream);
  --faults.handles;
  return 0;
}
int cuLaunchHostFunc(CuStream stream, void (*call)(void*), void* argument) {
  if (faults.submit_errors > 0) {
    --faults.submit_errors;
    return 999;
  }
  static_cast<Stream*>(stream)->add([=] { call(argument); });
  return 0;
}
int cuMemcpyHtoDAsync_v2(unsigned long long target, const void* source, size_t size,
                         CuStream stream) {
  if (++faults.transfers == faults.fail_nth) return 700;
  faults.begin();
  static_cast<Stream*>(stream)->add([=] {
    std::memcpy(reinterpret_cast<void*>(target), source, size);
    --faults.under_way;
  });
  return 0;
}

}  // extern "C"
