// For tests: how the stand-ins for libcufile, libcuda, libnvjpeg, libnvcomp and libhf3fs_api_shared
// are found and told to misbehave. They have the real libraries' symbols, over ordinary files and
// host memory. Thread safety: atomics.
#pragma once

#include <dlfcn.h>

#include <atomic>
#include <filesystem>
#include <string>

namespace headrace::shim {

// 0 = never; counts from 1.
struct StandInFaults {
  std::atomic<int> driver_error = 0;    // of cuFileDriverOpen, hf3fs_iovcreate, cuStreamCreate
  std::atomic<int> register_error = 0;  // of handles and descriptors
  std::atomic<int> buffer_error = 0;    // of buffers
  std::atomic<int> fail_nth = 0;        // transfer
  std::atomic<int> fail_code = 0;       // what that one returns: -1 with errno EIO, or a code
  std::atomic<int> short_nth = 0;       // transfer, which moves half
  std::atomic<int> submit_errors = 0;   // of the next so many batches
  std::atomic<int> status_errors = 0;   // of the next so many looks
  std::atomic<int> memory_error = 0;    // of the device's memory
  std::atomic<int> event_error = 0;     // of recording one
  std::atomic<int> lost = 0;            // what every call of a lost device returns
  std::atomic<int> copy_delay_us = 0;   // of each copy to the device, beside its own time
  std::atomic<int> waiting_looks = 0;   // looks that tell of entries that are not done
  std::atomic<int> engines = 0;         // that decode pictures; how many there are
  std::atomic<int> refuses_flags = 0;   // as releases that do not know one yet
  // What was seen.
  std::atomic<int> transfers = 0;
  std::atomic<int> under_way = 0;
  std::atomic<int> most_under_way = 0;
  std::atomic<int> handles = 0;
  std::atomic<int> buffers = 0;

  void reset() {
    for (auto* one :
         {&driver_error, &register_error, &buffer_error, &fail_nth, &fail_code, &short_nth,
          &submit_errors, &status_errors, &memory_error, &event_error, &lost, &copy_delay_us,
          &waiting_looks, &engines, &refuses_flags, &transfers, &most_under_way}) {
      *one = 0;
    }
  }
  void begin() {
    const int now = ++under_way;
    int most = most_under_way;
    while (now > most && !most_under_way.compare_exchange_weak(most, now)) {
    }
  }
};

// `name`: "cufile", "cuda", "hf3fs", "nvjpeg", "nvcomp". Built beside the tests.
inline std::string stand_in_path(const std::string& name) {
  return std::filesystem::read_symlink("/proc/self/exe").parent_path() / "stand_ins" /
         ("lib" + name + "_stand_in.so");
}
inline StandInFaults& faults_of_stand_in(const std::string& name) {
  void* library = ::dlopen(stand_in_path(name).c_str(), RTLD_NOW | RTLD_LOCAL);  // for good
  auto* faults = reinterpret_cast<StandInFaults* (*)()>(::dlsym(library, "stand_in_faults"));
  return *faults();
}

}  // namespace headrace::shim
