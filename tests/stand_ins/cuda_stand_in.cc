// libcuda for tests: streams are threads that work through what they are given, in order, and
// device memory is host memory. Kernels are their host twins. Thread safety: as the real one: any
// thread. Invariants: 1. once `lost` is set every call returns it, and no work that is left is done
// (as on a lost device). 2. A stream is made only where a context is current. 3. `handles` counts
// contexts, streams, events and modules; `buffers` memory and registrations.
#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstring>
#include <deque>
#include <functional>
#include <mutex>
#include <new>
#include <string_view>
#include <thread>
#include <vector>

#include "capture.h"
#include "headrace/kernels/jpeg_entropy-inl.h"
#include "headrace/kernels/jpeg_pixels-inl.h"
#include "headrace/kernels/pictures-inl.h"
#include "headrace/kernels/tokens-inl.h"
#include "headrace/shim/cuda.h"
#include "headrace/shim/stand_in.h"

using namespace headrace::shim;
namespace kernels = headrace::kernels;

namespace {

StandInFaults faults;
Capture capture;
thread_local CuContext current_context = nullptr;

// The primary context: gone with the last who retained it, and no thread's any more then.
std::atomic<int> retained{0};
std::atomic<uint64_t> context_number{1};
CuContext primary_context() { return reinterpret_cast<CuContext>(context_number.load()); }
bool has_context() { return retained > 0 && current_context == primary_context(); }
constexpr int k_invalid_context = 201;
constexpr std::align_val_t k_memory_alignment{4096};

// How often it was recorded, and how often a stream got there.
struct Event {
  std::mutex mutex;  // guards what follows
  std::condition_variable changed;
  uint64_t recorded = 0;
  uint64_t reached = 0;
  std::chrono::steady_clock::time_point reached_at = {};

  uint64_t record() {
    const std::lock_guard lock(mutex);
    return ++recorded;
  }
  void reach(uint64_t record) {
    const std::lock_guard lock(mutex);
    reached = std::max(reached, record);
    reached_at = std::chrono::steady_clock::now();
    changed.notify_all();
  }
  uint64_t last() {
    const std::lock_guard lock(mutex);
    return recorded;
  }
  bool has_reached(uint64_t record) {
    const std::lock_guard lock(mutex);
    return reached >= record;
  }
  void wait(uint64_t record) {
    std::unique_lock lock(mutex);
    changed.wait(lock, [&] { return reached >= record; });
  }
};

class Stream {
 public:
  // What must happen on a lost device too (events, so that nobody waits for ever) says so.
  void add(std::function<void()> work, bool always = false) {
    const std::lock_guard lock(mutex_);
    work_.push_back({std::move(work), always});
    ++open_;
    changed_.notify_all();
  }
  void drain() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return open_ == 0; });
  }

 private:
  struct Work {
    std::function<void()> run;
    bool always;
  };
  void run(const std::stop_token& stop) {
    std::unique_lock lock(mutex_);
    while (changed_.wait(lock, stop, [this] { return !work_.empty(); })) {
      const Work work = std::move(work_.front());
      work_.pop_front();
      lock.unlock();
      if (work.always || faults.lost == 0) work.run();
      lock.lock();
      --open_;
      changed_.notify_all();
    }
  }

  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::deque<Work> work_;
  size_t open_ = 0;
  std::jthread thread_{[this](const std::stop_token& stop) { run(stop); }};
};

class Streams {
 public:
  void add(Stream* stream) {
    const std::lock_guard lock(mutex_);
    all_.push_back(stream);
  }
  void remove(Stream* stream) {
    const std::lock_guard lock(mutex_);
    std::erase(all_, stream);
  }
  void drain() {
    const std::lock_guard lock(mutex_);
    for (Stream* stream : all_) stream->drain();
  }

 private:
  std::mutex mutex_;  // guards all_
  std::vector<Stream*> all_;
};
Streams& all_streams() {
  static Streams streams;
  return streams;
}

Stream& stream_of(CuStream stream) {
  static Stream default_stream;
  // 1 and 2 are the names of the default streams.
  return reinterpret_cast<uintptr_t>(stream) <= 2 ? default_stream : *static_cast<Stream*>(stream);
}

struct LaunchedGrid {
  unsigned x, y;
};
struct Kernel {
  std::string_view name;
  std::function<void()> (*prepare)(LaunchedGrid grid, const void* argument);  // copies it
};

template <class Argument, void (*make_block)(const Argument&, const kernels::Block&)>
std::function<void()> twin(LaunchedGrid grid, const void* argument) {
  return [grid, batch = *static_cast<const Argument*>(argument)] {
    for (unsigned y = 0; y < grid.y; ++y) {
      for (unsigned x = 0; x < grid.x; ++x) make_block(batch, {.x = x, .y = y});
    }
  };
}
void picture_block(const kernels::PictureBatch& batch, const kernels::Block& block) {
  std::vector<uint16_t> shared(batch.shared_words);
  kernels::make_pictures(batch, block, shared.data());
}
// A thread for each interval, block or pixel, as many as the grid has.
void entropy_block(const kernels::JpegBatch& batch, const kernels::Block& block) {
  for (uint32_t i = 0; i < kernels::k_interval_threads; ++i) {
    kernels::decode_interval(batch, block.x * kernels::k_interval_threads + i);
  }
}
template <auto make_one>
void jpeg_block(const kernels::JpegBatch& batch, const kernels::Block& block) {
  for (uint32_t i = 0; i < kernels::k_jpeg_threads; ++i) {
    make_one(batch, block.y, block.x * kernels::k_jpeg_threads + i);
  }
}
const Kernel kernel_list[] = {
    {"hr_nothing", [](LaunchedGrid, const void*) { return std::function<void()>([] {}); }},
    {kernels::k_picture_kernel, twin<kernels::PictureBatch, picture_block>},
    {kernels::k_token_kernel, twin<kernels::TokenBatch, kernels::make_tokens>},
    {kernels::k_jpeg_entropy_kernel, twin<kernels::JpegBatch, entropy_block>},
    {kernels::k_jpeg_samples_kernel, twin<kernels::JpegBatch, jpeg_block<kernels::make_samples>>},
    {kernels::k_jpeg_pixels_kernel, twin<kernels::JpegBatch, jpeg_block<kernels::make_pixel>>},
};

// A stream is a thread, so that one waiting for another's event does not hold up a third.
int copy(void* target, const void* source, size_t size, CuStream stream, int delay_us = 0) {
  if (faults.lost != 0) return faults.lost;
  if (capture.takes(stream)) return capture.note(), 0;
  if (++faults.transfers == faults.fail_nth) {
    if (faults.fail_code == 0) return 700;
    return faults.lost = faults.fail_code.load();
  }
  faults.begin();
  stream_of(stream).add(
      [=] {
        if (faults.lost == 0) std::memcpy(target, source, size);
        if (delay_us > 0) std::this_thread::sleep_for(std::chrono::microseconds(delay_us));
        --faults.under_way;
      },
      true);
  return 0;
}

// What may not be called while a graph is captured.
int refused(const std::atomic<int>& error) {
  if (faults.lost != 0) return faults.lost;
  const int refusal = capture.refusal();
  return refusal != 0 ? refusal : error.load();
}

}  // namespace

extern "C" {

StandInFaults* stand_in_faults() { return &faults; }

int cuInit(unsigned) { return refused(faults.driver_error); }
int cuGetErrorName(int code, const char** name) {
  *name = code == 2     ? "CUDA_ERROR_OUT_OF_MEMORY"
          : code == 700 ? "CUDA_ERROR_ILLEGAL_ADDRESS"
          : code == 719 ? "CUDA_ERROR_LAUNCH_FAILED"
          : code == 201 ? "CUDA_ERROR_INVALID_CONTEXT"
          : code == 500 ? "CUDA_ERROR_NOT_FOUND"
                        : nullptr;
  return *name == nullptr ? 1 : 0;
}
int cuDeviceGetCount(int* count) { return *count = 1, 0; }
int cuDeviceGet(int* device, int ordinal) { return *device = ordinal, ordinal == 0 ? 0 : 101; }
int cuDeviceGetName(char* name, int size, int) {
  std::strncpy(name, "stand-in", static_cast<size_t>(size));
  return 0;
}
int cuDeviceTotalMem_v2(size_t* size, int) { return *size = size_t{1} << 30, 0; }
int cuDevicePrimaryCtxRetain(CuContext* context, int) {
  if (const int error = refused(faults.register_error)) return error;
  *context = primary_context();
  ++retained;
  ++faults.handles;
  return 0;
}
int cuDevicePrimaryCtxRelease_v2(int) {
  if (--retained == 0) ++context_number;
  --faults.handles;
  return 0;
}
int cuDeviceGetPCIBusId(char* id, int size, int) {
  std::strncpy(id, "0000:00:00.0", static_cast<size_t>(size));
  return 0;
}
int cuCtxGetCurrent(CuContext* context) { return *context = current_context, 0; }
int cuCtxSetCurrent(CuContext context) { return current_context = context, faults.lost; }
int cuThreadExchangeStreamCaptureMode(int* mode) {
  return std::swap(*mode, Capture::thread_mode()), 0;
}
int cuStreamBeginCapture_v2(CuStream stream, int) { return capture.begin(stream), 0; }
int cuStreamEndCapture(CuStream, int* nodes) { return capture.end(nodes); }
int cuCtxSynchronize() {
  if (const int refusal = capture.refusal()) return refusal;
  all_streams().drain();
  return faults.lost;
}

int cuMemAlloc_v2(CuAddress* address, size_t size) {
  if (const int error = refused(faults.memory_error)) return error;
  *address = reinterpret_cast<CuAddress>(new (k_memory_alignment) std::byte[size]());
  ++faults.buffers;
  return 0;
}
int cuMemFree_v2(CuAddress address) {
  ::operator delete[](reinterpret_cast<std::byte*>(address), k_memory_alignment);
  --faults.buffers;
  return faults.lost;
}
int cuMemHostRegister_v2(void*, size_t, unsigned) {
  if (const int error = refused(faults.buffer_error)) return error;
  ++faults.buffers;
  return 0;
}
int cuMemHostUnregister(void*) {
  --faults.buffers;
  return faults.lost;
}

int cuStreamCreate(CuStream* stream, unsigned) {
  if (const int error = refused(faults.driver_error)) return error;
  if (!has_context()) return k_invalid_context;
  auto* made = new Stream;
  all_streams().add(made);
  *stream = made;
  ++faults.handles;
  return 0;
}
int cuStreamSynchronize(CuStream stream) {
  if (const int refusal = capture.refusal()) return refusal;
  stream_of(stream).drain();
  return faults.lost;
}
int cuStreamDestroy_v2(CuStream stream) {
  stream_of(stream).drain();
  all_streams().remove(static_cast<Stream*>(stream));
  delete static_cast<Stream*>(stream);
  --faults.handles;
  return faults.lost;
}
int cuStreamWaitEvent(CuStream stream, CuEvent event, unsigned) {
  if (faults.lost != 0) return faults.lost;
  if (capture.takes(stream)) return Capture::k_isolation;  // for what is outside of the graph
  auto* one = static_cast<Event*>(event);
  stream_of(stream).add([one, record = one->last()] { one->wait(record); });
  return 0;
}
int cuLaunchHostFunc(CuStream stream, void (*call)(void*), void* argument) {
  if (faults.lost != 0) return faults.lost;
  if (faults.submit_errors > 0) {
    --faults.submit_errors;
    return 999;
  }
  if (capture.takes(stream)) return capture.note(), 0;
  stream_of(stream).add([=] { call(argument); });
  return 0;
}
int cuMemcpyHtoDAsync_v2(CuAddress target, const void* source, size_t size, CuStream stream) {
  return copy(reinterpret_cast<void*>(target), source, size, stream, faults.copy_delay_us);
}
int cuMemcpyDtoDAsync_v2(CuAddress target, CuAddress source, size_t size, CuStream stream) {
  return copy(reinterpret_cast<void*>(target), reinterpret_cast<void*>(source), size, stream);
}
int cuMemcpyDtoHAsync_v2(void* target, CuAddress source, size_t size, CuStream stream) {
  return copy(target, reinterpret_cast<const void*>(source), size, stream);
}

int cuEventCreate(CuEvent* event, unsigned) {
  if (faults.lost != 0) return faults.lost;
  *event = new Event;
  ++faults.handles;
  return 0;
}
int cuEventRecord(CuEvent event, CuStream stream) {
  if (faults.lost != 0) return faults.lost;
  if (faults.event_error != 0) return faults.event_error;
  if (capture.takes(stream)) return capture.note(), 0;
  auto* one = static_cast<Event*>(event);
  stream_of(stream).add([one, record = one->record()] { one->reach(record); }, true);
  return 0;
}
int cuEventQuery(CuEvent event) {
  if (faults.lost != 0) return faults.lost;
  if (const int refusal = capture.refusal()) return refusal;
  auto* one = static_cast<Event*>(event);
  return one->has_reached(one->last()) ? 0 : k_cu_not_ready;
}
int cuEventSynchronize(CuEvent event) {
  if (const int refusal = capture.refusal()) return refusal;
  auto* one = static_cast<Event*>(event);
  one->wait(one->last());
  return faults.lost;
}
int cuEventElapsedTime(float* milliseconds, CuEvent from, CuEvent to) {
  const auto length = static_cast<Event*>(to)->reached_at - static_cast<Event*>(from)->reached_at;
  *milliseconds = std::chrono::duration<float, std::milli>(length).count();
  return faults.lost;
}
int cuEventDestroy_v2(CuEvent event) {
  auto* one = static_cast<Event*>(event);
  one->wait(one->last());
  delete one;
  --faults.handles;
  return faults.lost;
}

int cuModuleLoadData(CuModule* module, const void*) {
  if (const int error = refused(faults.register_error)) return error;
  *module = &faults;
  ++faults.handles;
  return 0;
}
int cuModuleUnload(CuModule) {
  --faults.handles;
  return faults.lost;
}
int cuModuleGetFunction(CuFunction* function, CuModule, const char* name) {
  const Kernel* found = std::ranges::find(kernel_list, name, &Kernel::name);
  if (found == std::end(kernel_list)) return 500;
  *function = const_cast<Kernel*>(found);
  return faults.lost;
}
int cuLaunchKernel(CuFunction function, unsigned x, unsigned y, unsigned, unsigned, unsigned,
                   unsigned, unsigned, CuStream stream, void** arguments, void**) {
  if (faults.lost != 0) return faults.lost;
  if (faults.submit_errors > 0) {
    --faults.submit_errors;
    return 719;
  }
  if (capture.takes(stream)) return capture.note(), 0;
  stream_of(stream).add(static_cast<Kernel*>(function)->prepare({x, y}, arguments[0]));
  return 0;
}

}  // extern "C"
