// libnvjpeg for tests: really decodes, by Headrace's own decoders, when the stand-in for libcuda
// gets to it in its stream. Thread safety: as the real one. Invariants: 1. what is wrong with a
// picture is told at once, as the real one tells it; 2. engines are there when `engines` says so,
// and take baseline pictures alone; 3. coded bytes are read when the stream gets there.
#include <algorithm>
#include <cstring>
#include <list>
#include <mutex>
#include <span>
#include <vector>

#include "headrace/jpeg/decoder.h"
#include "headrace/shim/nvjpeg.h"
#include "headrace/shim/stand_in.h"

using namespace headrace;
using namespace headrace::shim;

extern "C" int cuLaunchHostFunc(CuStream, void (*)(void*), void*);  // of the other stand-in

namespace {

StandInFaults faults;

struct Handle {
  int backend;
};
struct State {
  int count = 0;
};

using Bytes = std::span<const std::byte>;
Bytes bytes_at(const unsigned char* data, size_t size) {
  return {reinterpret_cast<const std::byte*>(data), size};
}

int status_of(Bytes bytes, int backend) {
  const auto header = jpeg::parse_header(bytes);
  if (!header) return jpeg_bad;
  if (header->color == jpeg::Color::cmyk || header->color == jpeg::Color::ycck) {
    return jpeg_not_supported;
  }
  if (!jpeg::has_end_marker(bytes, header->scan.offset_bytes)) return jpeg_incomplete_bitstream;
  const bool baseline = header->process == jpeg::Process::baseline;
  if (backend == k_jpeg_backend_hardware && !baseline) return jpeg_not_supported;
  jpeg::Decoder decoder;  // stricter than the real one, which may give grey for damaged codes
  const auto view = decoder.decode(bytes, *header, {0, 0, header->width, header->height}, 1);
  return view ? jpeg_success : jpeg_bad;
}

struct Work {
  Bytes bytes;
  JpegImage image;
};

void write_pixels(const jpeg::ImageView& view, const JpegImage& image) {
  for (uint32_t y = 0; y < view.height(); ++y) {
    unsigned char* to = image.channel[0] + y * image.pitch[0];
    for (uint32_t x = 0; x < view.width(); ++x) {
      for (const jpeg::PlaneView& plane : view.planes) {
        *to++ = plane.data[y * plane.stride_bytes + x];
      }
    }
  }
}

// What streams have yet to run; a lost device never does, and then it stays here.
std::mutex pending_mutex;
std::list<std::vector<Work>> pending;

void forget(const std::vector<Work>* work) {
  const std::scoped_lock lock(pending_mutex);
  pending.remove_if([&](const std::vector<Work>& one) { return &one == work; });
}

void decode_now(void* argument) {
  const auto* work = static_cast<const std::vector<Work>*>(argument);
  jpeg::Decoder decoder;
  for (const Work& one : *work) {
    const auto header = jpeg::parse_header(one.bytes);
    if (!header) continue;
    const auto view = decoder.decode(one.bytes, *header, {0, 0, header->width, header->height}, 1);
    if (view) write_pixels(*view, one.image);
  }
  forget(work);
}

int enqueue(std::vector<Work> work, CuStream stream) {
  if (++faults.transfers == faults.fail_nth) return faults.fail_code;
  std::vector<Work>* queued = nullptr;
  {
    const std::scoped_lock lock(pending_mutex);
    queued = &pending.emplace_back(std::move(work));
  }
  if (cuLaunchHostFunc(stream, decode_now, queued) == 0) return jpeg_success;
  forget(queued);
  return jpeg_execution_failed;
}

}  // namespace

extern "C" {

StandInFaults* stand_in_faults() { return &faults; }

int nvjpegCreateEx(int backend, void*, void*, unsigned flags, JpegHandle* handle) {
  if (faults.driver_error != 0) return faults.driver_error;
  if (backend == k_jpeg_backend_hardware && faults.engines == 0) return jpeg_arch_mismatch;
  if (flags != 0 && faults.refuses_flags != 0) return jpeg_invalid_parameter;
  *handle = new Handle{backend};
  ++faults.handles;
  return jpeg_success;
}
int nvjpegDestroy(JpegHandle handle) {
  delete static_cast<Handle*>(handle);
  --faults.handles;
  return jpeg_success;
}
int nvjpegGetHardwareDecoderInfo(JpegHandle, unsigned* engines, unsigned* cores) {
  *engines = static_cast<unsigned>(faults.engines.load());
  *cores = 1;
  return jpeg_success;
}
int nvjpegJpegStateCreate(JpegHandle, JpegState* state) {
  if (faults.register_error != 0) return faults.register_error;
  *state = new State;
  ++faults.handles;
  return jpeg_success;
}
int nvjpegJpegStateDestroy(JpegState state) {
  delete static_cast<State*>(state);
  --faults.handles;
  return jpeg_success;
}
int nvjpegDecodeBatchedInitialize(JpegHandle, JpegState state, int count, int, int format) {
  if (faults.buffer_error != 0) return faults.buffer_error;
  if (count <= 0 || format != k_jpeg_rgb_interleaved) return jpeg_invalid_parameter;
  static_cast<State*>(state)->count = count;
  return jpeg_success;
}
int nvjpegDecodeBatched(JpegHandle handle, JpegState state, const unsigned char* const* data,
                        const size_t* sizes, JpegImage* images, CuStream stream) {
  const auto count = static_cast<size_t>(static_cast<State*>(state)->count);
  std::vector<Work> work;
  for (size_t i = 0; i < count; ++i) {
    const Bytes bytes = bytes_at(data[i], sizes[i]);
    if (const int status = status_of(bytes, static_cast<Handle*>(handle)->backend)) return status;
    work.push_back({bytes, images[i]});
  }
  return enqueue(std::move(work), stream);
}
int nvjpegDecode(JpegHandle handle, JpegState, const unsigned char* data, size_t size, int format,
                 JpegImage* image, CuStream stream) {
  const Bytes bytes = bytes_at(data, size);
  if (format != k_jpeg_rgb_interleaved) return jpeg_invalid_parameter;
  if (const int status = status_of(bytes, static_cast<Handle*>(handle)->backend)) return status;
  return enqueue({{bytes, *image}}, stream);
}

}  // extern "C"
