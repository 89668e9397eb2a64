// A file may be several compressed ones behind each other.
#include "headrace/formats/byte_stream.h"

#include <algorithm>
#include <array>
#include <vector>

#include "headrace/codec/stream.h"

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

class PackedStream final : public ByteStream {
 public:
  PackedStream(ByteSource source, codec::Kind kind)
      : source_(std::move(source)),
        piece_(k_stream_piece_bytes),
        steps_(codec::Stream::make(kind)) {}

  std::expected<size_t, ScanFailure> read(std::span<std::byte> target) override {
    while (!target.empty()) {
      if (left_.empty() && at_bytes_ < source_.size_bytes) {
        if (auto filled = fill(); !filled) return std::unexpected(filled.error());
      }
      const auto made = steps_->step(left_, target);
      if (!made) return fail(made.error());
      left_ = left_.subspan(made->taken_bytes);
      if (made->made_bytes > 0) return made->made_bytes;
      if (!left_.empty() || at_bytes_ < source_.size_bytes) continue;
      if (!made->between_frames) return fail("it is cut short");
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
  std::unique_ptr<codec::Stream> steps_;
};

}  // namespace

std::unique_ptr<ByteStream> open_stream(ByteSource source) {
  std::array<std::byte, 8> head{};
  const auto got = source.read_at(head, 0);
  const codec::Kind kind = codec::kind_of(std::span(head).first(got.value_or(0)));
  if (kind != codec::Kind::none) return std::make_unique<PackedStream>(std::move(source), kind);
  return std::make_unique<PlainStream>(std::move(source));
}

}  // namespace headrace::formats
