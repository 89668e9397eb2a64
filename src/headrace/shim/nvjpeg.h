// NVIDIA's JPEG decoder (libnvjpeg), opened at run time: batches of pictures decoded on a device.
// Thread safety: the library's functions are; a state belongs to one thread. Invariant: all
// functions of an opened NvJpeg are there. Each returns 0 or a status (name_of_status).
#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include "headrace/shim/cuda.h"
#include "headrace/shim/library.h"

namespace headrace::shim {

// The binary interface of nvjpeg.h (CUDA 11.6 to 13).
using JpegHandle = void*;
using JpegState = void*;
struct JpegImage {
  unsigned char* channel[4];  // on the device
  size_t pitch[4];
};
inline constexpr int k_jpeg_backend_default = 0;
inline constexpr int k_jpeg_backend_gpu = 2;       // Huffman codes on the device too, if it may
inline constexpr int k_jpeg_backend_hardware = 3;  // the decoding engines of A100, H100 and later
inline constexpr int k_jpeg_rgb_interleaved = 5;
inline constexpr unsigned k_jpeg_interpolate = 1u << 5;  // color as libjpeg's fancy upsampling
enum JpegStatus : int {
  jpeg_success = 0,
  jpeg_not_initialized = 1,
  jpeg_invalid_parameter = 2,
  jpeg_bad = 3,
  jpeg_not_supported = 4,
  jpeg_allocator_failure = 5,
  jpeg_execution_failed = 6,
  jpeg_arch_mismatch = 7,
  jpeg_internal_error = 8,
  jpeg_implementation_not_supported = 9,
  jpeg_incomplete_bitstream = 10
};
// True for what is wrong with a picture, as against: with the device or the library.
bool is_of_picture(int status);

class NvJpeg {
 public:
  // `library`: a name or path; empty = the newest of CUDA 13, 12 and 11. The error is one sentence,
  // with how to get it.
  static std::expected<std::unique_ptr<NvJpeg>, std::string> open(const std::string& library = "");

  int (*create)(int backend, void*, void*, unsigned flags, JpegHandle*) = nullptr;
  int (*destroy)(JpegHandle) = nullptr;
  int (*hardware_info)(JpegHandle, unsigned* engines, unsigned* cores) = nullptr;
  int (*state_create)(JpegHandle, JpegState*) = nullptr;
  int (*state_destroy)(JpegState) = nullptr;
  // Count of pictures, threads of the processor, format.
  int (*batch_initialize)(JpegHandle, JpegState, int, int, int) = nullptr;
  // Coded bytes lie in host memory, and must stay until the stream has passed.
  int (*decode_batch)(JpegHandle, JpegState, const unsigned char* const*, const size_t*, JpegImage*,
                      CuStream) = nullptr;
  int (*decode)(JpegHandle, JpegState, const unsigned char*, size_t, int format, JpegImage*,
                CuStream) = nullptr;

  static std::string name_of_status(int status);  // "NVJPEG_STATUS_BAD_JPEG", or "status 1234"

 private:
  explicit NvJpeg(Library library) : library_(std::move(library)) {}
  std::string find_all();  // the first symbol that is missing, or ""

  Library library_;
};

}  // namespace headrace::shim
