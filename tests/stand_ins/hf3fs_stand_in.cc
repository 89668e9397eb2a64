// libhf3fs_api_shared for tests: USRBIO's conventions over pread, with a thread for the daemon.
// Completions come in the reverse order of each submission. Thread safety: one thread prepares and
// waits, as for the real one.
#include <unistd.h>

#include <cerrno>
#include <condition_variable>
#include <cstdlib>
#include <cstring>
#include <map>
#include <mutex>
#include <thread>
#include <vector>

#include "headrace/shim/hf3fs.h"
#include "headrace/shim/stand_in.h"

using namespace headrace::shim;

namespace {

StandInFaults faults;
std::map<int, int> registered;  // our descriptor by the caller's

struct Wish {
  void* target;
  int fd;
  size_t offset;
  uint64_t length;
  const void* userdata;
};

class Daemon {
 public:
  explicit Daemon(int entries) : entries_(entries) {}
  int add(const Wish& wish) {
    const std::lock_guard lock(mutex_);
    if (open_ == entries_) return -EAGAIN;
    prepared_.push_back(wish);
    return open_++;
  }
  void submit() {
    const std::lock_guard lock(mutex_);
    begun_.insert(begun_.end(), prepared_.begin(), prepared_.end());
    prepared_.clear();
    changed_.notify_all();
  }
  int wait(Hf3fsCqe* completions, int most, int least, const timespec* until) {
    std::unique_lock lock(mutex_);
    const auto time = std::chrono::system_clock::time_point(
        std::chrono::seconds(until->tv_sec) + std::chrono::nanoseconds(until->tv_nsec));
    changed_.wait_until(lock, time, [&] { return static_cast<int>(done_.size()) >= least; });
    const int count = std::min<int>(most, static_cast<int>(done_.size()));
    for (int number = 0; number < count; ++number) completions[number] = done_[size_t(number)];
    done_.erase(done_.begin(), done_.begin() + count);
    open_ -= count;
    return count;
  }

 private:
  void run(const std::stop_token& stop) {
    std::unique_lock lock(mutex_);
    while (changed_.wait(lock, stop, [this] { return !begun_.empty(); })) {
      const Wish wish = begun_.back();
      begun_.pop_back();
      lock.unlock();
      const Hf3fsCqe completion = serve(wish);
      lock.lock();
      done_.push_back(completion);
      changed_.notify_all();
    }
  }
  static Hf3fsCqe serve(const Wish& wish) {
    Hf3fsCqe completion = {.index = 0, .reserved = 0, .result = 0, .userdata = wish.userdata};
    const int number = ++faults.transfers;
    const uint64_t length = number == faults.short_nth ? wish.length / 2 : wish.length;
    completion.result = ::pread(wish.fd, wish.target, length, static_cast<off_t>(wish.offset));
    if (completion.result < 0) completion.result = -errno;
    if (number == faults.fail_nth) completion.result = faults.fail_code;
    return completion;
  }

  int entries_;
  int open_ = 0;
  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::vector<Wish> prepared_, begun_;
  std::vector<Hf3fsCqe> done_;
  std::jthread thread_{[this](const std::stop_token& stop) { run(stop); }};
};

}  // namespace

extern "C" {

StandInFaults* stand_in_faults() { return &faults; }

int hf3fs_iovcreate(Hf3fsIov* iov, const char* mount, size_t size, size_t, int) {
  if (faults.driver_error != 0) return -faults.driver_error;
  void* memory = nullptr;
  if (::posix_memalign(&memory, 4096, size) != 0) return -ENOMEM;
  *iov = {.base = static_cast<uint8_t*>(memory), .size = size};
  std::strncpy(iov->mount_point, mount, sizeof(iov->mount_point) - 1);
  ++faults.buffers;
  return 0;
}
void hf3fs_iovdestroy(Hf3fsIov* iov) {
  std::free(iov->base);
  --faults.buffers;
}
int hf3fs_iorcreate4(Hf3fsIor* ior, const char*, int entries, bool for_read, int io_depth,
                     int timeout, int, uint64_t) {
  if (faults.buffer_error != 0) return -faults.buffer_error;
  if (io_depth != 0 || timeout != 0) return -EINVAL;  // would hold partial batches back for ever
  ior->handle = new Daemon(entries);
  ior->for_read = for_read;
  return 0;
}
void hf3fs_iordestroy(Hf3fsIor* ior) { delete static_cast<Daemon*>(ior->handle); }

int hf3fs_reg_fd(int fd, uint64_t) {
  if (faults.register_error != 0) return faults.register_error;  // positive, unlike all else
  if (registered.contains(fd)) return EINVAL;
  const int own = ::dup(fd);
  if (own < 0) return errno;
  registered[fd] = own;
  ++faults.handles;
  return -own;
}
void hf3fs_dereg_fd(int fd) {
  const auto found = registered.find(fd);
  if (found == registered.end()) return;
  ::close(found->second);
  registered.erase(found);
  --faults.handles;
}
int hf3fs_prep_io(const Hf3fsIor* ior, const Hf3fsIov* iov, bool read, void* target, int fd,
                  size_t offset, uint64_t length, const void* userdata) {
  const auto at = static_cast<uint8_t*>(target);
  const bool inside = at >= iov->base && at + length <= iov->base + iov->size;
  if (read != ior->for_read || length == 0 || !inside) return -EINVAL;
  const auto found = registered.find(fd);
  if (found == registered.end()) return -EBADF;
  return static_cast<Daemon*>(ior->handle)->add({target, found->second, offset, length, userdata});
}
int hf3fs_submit_ios(const Hf3fsIor* ior) {
  static_cast<Daemon*>(ior->handle)->submit();
  return 0;
}
int hf3fs_wait_for_ios(const Hf3fsIor* ior, Hf3fsCqe* completions, int most, int least,
                       const timespec* until) {
  return static_cast<Daemon*>(ior->handle)->wait(completions, most, least, until);
}

}  // extern "C"
