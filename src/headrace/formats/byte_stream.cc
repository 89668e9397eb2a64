// Both codecs allow several streams behind each other, and both end in a checksum (Zstandard: where
// its writer made one).
#include "headrace/formats/byte_stream.h"

#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <array>
#include <new>
#include <vector>

namespace headrace::formats {
namespace {

constexpr size_t k_stream_piece_bytes = size_t{256} << 10;

class PlainStream final : public ByteStream {
 public:
  explicit PlainStream(ByteSource source) : source_(std::move(source)) {}
  std::expected<size_t, ScanFailure> read(std::span<std::byte> target) override {
    const auto piece =
        target.first(std::min<uint64_t>(target.size(), source_.size_bytes - at_bytes_));
    if (auto read = read_fully(source_, piece, at_bytes_); !read) {
      return std::unexpected(read.error());
    }
    at_bytes_ += piece.size();
    return piece.size();
  }
  uint64_t at_bytes() const override { return at_bytes_; }

 private:
  ByteSource source_;
  uint64_t at_bytes_ = 0;
};

// Compressed bytes in, plain bytes out. `ended`: nothing is missing when no more come.
struct Step {
  size_t taken_bytes = 0, made_bytes = 0;
  const char* error = nullptr;
  bool ended = false;
};

class GzipSteps {
 public:
  GzipSteps() {
    if (inflateInit2(&state_, 15 + 16) != Z_OK) throw std::bad_alloc();
  }
  GzipSteps(GzipSteps&&) = delete;
  ~GzipSteps() { inflateEnd(&state_); }

  Step step(std::span<const std::byte> from, std::span<std::byte> to) {
    if (ended_ && !from.empty()) {
      inflateReset(&state_);
      ended_ = false;
    }
    // zlib does not write to what it reads.
    state_.next_in = reinterpret_cast<Bytef*>(const_cast<std::byte*>(from.data()));
    state_.avail_in = static_cast<uInt>(from.size());
    state_.next_out = reinterpret_cast<Bytef*>(to.data());
    state_.avail_out = static_cast<uInt>(to.size());
    const int result = inflate(&state_, Z_NO_FLUSH);
    ended_ = result == Z_STREAM_END;
    Step made{.taken_bytes = from.size() - state_.avail_in,
              .made_bytes = to.size() - state_.avail_out,
              .ended = ended_};
    if (result != Z_OK && result != Z_STREAM_END && result != Z_BUF_ERROR) {
      made.error = state_.msg != nullptr ? state_.msg : "it is damaged";
    }
    return made;
  }

 private:
  z_stream state_ = {};
  bool ended_ = false;
};

class ZstdSteps {
 public:
  ZstdSteps() {
    if (state_ == nullptr) throw std::bad_alloc();
  }
  ZstdSteps(ZstdSteps&&) = delete;
  ~ZstdSteps() { ZSTD_freeDStream(state_); }

  Step step(std::span<const std::byte> from, std::span<std::byte> to) {
    ZSTD_inBuffer in{from.data(), from.size(), 0};
    ZSTD_outBuffer out{to.data(), to.size(), 0};
    const size_t result = ZSTD_decompressStream(state_, &out, &in);
    if (ZSTD_isError(result)) return {.error = ZSTD_getErrorName(result)};
    return {.taken_bytes = in.pos, .made_bytes = out.pos, .ended = result == 0};
  }

 private:
  ZSTD_DStream* state_ = ZSTD_createDStream();
};

template <typename Steps>
class PackedStream final : public ByteStream {
 public:
  explicit PackedStream(ByteSource source)
      : source_(std::move(source)), piece_(k_stream_piece_bytes) {}

  std::expected<size_t, ScanFailure> read(std::span<std::byte> target) override {
    while (!target.empty()) {
      if (left_.empty() && at_bytes_ < source_.size_bytes) {
        if (auto filled = fill(); !filled) return std::unexpected(filled.error());
      }
      const Step made = steps_.step(left_, target);
      if (made.error != nullptr) return fail(made.error);
      left_ = left_.subspan(made.taken_bytes);
      ended_ = made.ended || (ended_ && made.taken_bytes == 0);
      if (made.made_bytes > 0) return made.made_bytes;
      if (!left_.empty() || at_bytes_ < source_.size_bytes) continue;
      if (!ended_) return fail("it is cut short");
      return 0;
    }
    return 0;
  }
  uint64_t at_bytes() const override { return at_bytes_ - left_.size(); }

 private:
  std::unexpected<ScanFailure> fail(const char* what) const {
    return std::unexpected(
        ScanFailure{fmt::format("it cannot be decompressed: {}", what), at_bytes()});
  }
  std::expected<void, ScanFailure> fill() {
    const auto piece =
        std::span(piece_).first(std::min<uint64_t>(piece_.size(), source_.size_bytes - at_bytes_));
    if (auto read = read_fully(source_, piece, at_bytes_); !read) return read;
    at_bytes_ += piece.size();
    left_ = piece;
    return {};
  }

  ByteSource source_;
  std::vector<std::byte> piece_;
  std::span<const std::byte> left_;  // of piece_, not yet taken
  uint64_t at_bytes_ = 0;            // behind piece_
  bool ended_ = false;
  Steps steps_;
};

}  // namespace

std::unique_ptr<ByteStream> open_stream(ByteSource source) {
  constexpr std::array<unsigned char, 2> k_gzip{0x1f, 0x8b};
  constexpr std::array<unsigned char, 4> k_zstd{0x28, 0xb5, 0x2f, 0xfd};
  std::array<std::byte, 4> head{};
  const auto got = source.read_at(head, 0);
  const auto begins = [&](const auto& magic) {
    return got.value_or(0) >= magic.size() &&
           std::memcmp(head.data(), magic.data(), magic.size()) == 0;
  };
  if (begins(k_gzip)) return std::make_unique<PackedStream<GzipSteps>>(std::move(source));
  if (begins(k_zstd)) return std::make_unique<PackedStream<ZstdSteps>>(std::move(source));
  return std::make_unique<PlainStream>(std::move(source));
}

}  // namespace headrace::formats
