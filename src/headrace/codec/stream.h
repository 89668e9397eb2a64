// A compressed file piece by piece: .gz, .zst and .lz4 as their tools write them, also several
// frames behind each other. Thread safety: one owner. Invariants: 1. with room in both spans each
// step moves on or fails; 2. memory is the format's window, 128 MiB at most.
#pragma once

#include <cstddef>
#include <expected>
#include <memory>
#include <span>

#include "headrace/codec/codec.h"

namespace headrace::codec {

class Stream {
 public:
  struct Step {
    size_t taken_bytes = 0;  // off the front of the packed bytes
    size_t made_bytes = 0;
    bool between_frames = false;  // a file that ends here is whole
  };

  static std::unique_ptr<Stream> make(Kind kind);  // HR_CHECK: zstd, lz4 or gzip
  virtual ~Stream() = default;
  // The error says what is wrong; nothing more is asked after it.
  std::expected<Step, const char*> step(std::span<const std::byte> packed,
                                        std::span<std::byte> target) noexcept;

 private:
  virtual std::expected<Step, const char*> advance(std::span<const std::byte> packed,
                                                   std::span<std::byte> target) noexcept = 0;
  bool between_frames_ = false;
};

}  // namespace headrace::codec
