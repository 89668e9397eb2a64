// zlib for gzip, since libdeflate knows whole buffers only.
#include "headrace/codec/stream.h"

#include <lz4frame.h>
#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <limits>

#include "headrace/base/check.h"

namespace headrace::codec {
namespace {

using Bytes = std::span<const std::byte>;
using Stepped = std::expected<Stream::Step, const char*>;

class ZstdStream final : public Stream {
 public:
  Stepped advance(Bytes packed, std::span<std::byte> target) noexcept override {
    ZSTD_inBuffer in{packed.data(), packed.size(), 0};
    ZSTD_outBuffer out{target.data(), target.size(), 0};
    const size_t more = ZSTD_decompressStream(context_.get(), &out, &in);
    if (ZSTD_isError(more) != 0U) return std::unexpected(ZSTD_getErrorName(more));
    return Step{.taken_bytes = in.pos, .made_bytes = out.pos, .between_frames = more == 0};
  }

 private:
  std::unique_ptr<ZSTD_DCtx, decltype(&ZSTD_freeDCtx)> context_{ZSTD_createDCtx(), ZSTD_freeDCtx};
};

class Lz4Stream final : public Stream {
 public:
  Lz4Stream() {
    LZ4F_dctx* context = nullptr;
    LZ4F_createDecompressionContext(&context, LZ4F_VERSION);
    context_.reset(context);
  }
  Stepped advance(Bytes packed, std::span<std::byte> target) noexcept override {
    size_t taken = packed.size(), made = target.size();
    const size_t more =
        LZ4F_decompress(context_.get(), target.data(), &made, packed.data(), &taken, nullptr);
    if (LZ4F_isError(more) != 0U) return std::unexpected(LZ4F_getErrorName(more));
    return Step{.taken_bytes = taken, .made_bytes = made, .between_frames = more == 0};
  }

 private:
  std::unique_ptr<LZ4F_dctx, decltype(&LZ4F_freeDecompressionContext)> context_{
      nullptr, LZ4F_freeDecompressionContext};
};

class GzipStream final : public Stream {
 public:
  GzipStream() {
    constexpr int k_gzip_only = 16;
    HR_CHECK(inflateInit2(&state_, MAX_WBITS + k_gzip_only) == Z_OK, "out of memory");
  }
  GzipStream(GzipStream&&) = delete;
  ~GzipStream() override { inflateEnd(&state_); }

  Stepped advance(Bytes packed, std::span<std::byte> target) noexcept override {
    constexpr size_t k_most = std::numeric_limits<uInt>::max();
    // zlib takes what it only reads as if it wrote it.
    state_.next_in = const_cast<Bytef*>(reinterpret_cast<const Bytef*>(packed.data()));
    state_.avail_in = static_cast<uInt>(std::min(packed.size(), k_most));
    state_.next_out = reinterpret_cast<Bytef*>(target.data());
    state_.avail_out = static_cast<uInt>(std::min(target.size(), k_most));
    const uInt in_before = state_.avail_in, out_before = state_.avail_out;
    const int result = inflate(&state_, Z_NO_FLUSH);
    if (result != Z_OK && result != Z_STREAM_END && result != Z_BUF_ERROR) {
      return std::unexpected(state_.msg != nullptr ? state_.msg : "it is no gzip stream");
    }
    if (result == Z_STREAM_END) inflateReset(&state_);
    return Step{.taken_bytes = in_before - state_.avail_in,
                .made_bytes = out_before - state_.avail_out,
                .between_frames = result == Z_STREAM_END};
  }

 private:
  z_stream state_ = {};
};

}  // namespace

Stepped Stream::step(Bytes packed, std::span<std::byte> target) noexcept {
  auto moved = advance(packed, target);
  if (!moved) return moved;
  // Asked for more behind a frame that has ended, a library has begun the next one.
  if (moved->taken_bytes == 0 && moved->made_bytes == 0) moved->between_frames = between_frames_;
  between_frames_ = moved->between_frames;
  return moved;
}

std::unique_ptr<Stream> Stream::make(Kind kind) {
  if (kind == Kind::zstd) return std::make_unique<ZstdStream>();
  if (kind == Kind::lz4) return std::make_unique<Lz4Stream>();
  HR_CHECK(kind == Kind::gzip, "{}", name_of(kind));
  return std::make_unique<GzipStream>();
}

}  // namespace headrace::codec
