// JPEG pictures decoded on a device by nvJPEG: by its decoding engines where there are some and the
// picture is one for them, else by its kernels.
// Thread safety: one thread. Invariants: 1. a picture that cannot be decoded is told of and harms
// no other; 2. nothing is allocated here for batches of at most batch_count (the library keeps and
// grows its own buffers).
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "headrace/device/device.h"
#include "headrace/shim/nvjpeg.h"

namespace headrace::kernels {

struct CodedPicture {
  std::span<const std::byte> bytes;  // in host memory, until the stream has passed
  shim::CuAddress pixels = 0;        // red, green, blue, red, ... on the device
  size_t stride_bytes = 0;           // from row to row
  bool baseline = false;             // one scan of baseline codes, which is all that engines take
};

struct JpegDecoderOptions {
  std::string library = {};  // of nvJPEG; "" = what is installed
  uint32_t batch_count = 256;
};

class JpegDecoder {
 public:
  // Throws Error: with how to get the library.
  JpegDecoder(const device::Device& device, const JpegDecoderOptions& options);
  ~JpegDecoder();
  JpegDecoder(JpegDecoder&&) = delete;

  // Starts decoding; part of the work may be done by this thread. good[i]: 1, or 0 where picture i
  // cannot be decoded. Throws Error when the device or the library fails.
  void start(std::span<const CodedPicture> pictures, std::span<uint8_t> good,
             shim::CuStream stream);
  unsigned engine_count() const { return engine_count_; }

 private:
  struct Backend {
    shim::JpegHandle handle = nullptr;
    shim::JpegState state = nullptr;
  };
  int make(int backend_number, Backend& backend) const;
  void end(Backend& backend) const;
  void find_engines();
  void start_those(const Backend& backend, std::span<uint8_t> good, shim::CuStream stream);
  void start_singly(std::span<const CodedPicture> pictures, std::span<uint8_t> good,
                    shim::CuStream stream);
  void check(int status, const char* action) const;

  const device::Device& device_;
  std::unique_ptr<shim::NvJpeg> library_;
  Backend kernels_, engines_;
  unsigned engine_count_ = 0;
  // Of the pictures at hand, for one backend.
  std::span<const CodedPicture> pictures_;
  std::vector<uint32_t> indexes_;
  std::vector<const unsigned char*> bytes_;
  std::vector<size_t> sizes_;
  std::vector<shim::JpegImage> images_;
};

}  // namespace headrace::kernels
