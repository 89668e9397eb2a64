// Each kind's library behind one face.
#include "headrace/codec/codec.h"

#include <libdeflate.h>
#include <lz4.h>
#include <zstd.h>

#include <algorithm>
#include <array>

#include "headrace/base/check.h"
#include "headrace/base/endian.h"
#include "headrace/codec/lz4_decode.h"
#include "headrace/codec/snappy.h"
#include "headrace/codec/snappy_frame.h"

namespace headrace::codec {
namespace {

using Bytes = std::span<const std::byte>;
using Done = std::expected<void, const char*>;

constexpr const char* k_damaged = "its compressed bytes are damaged or cut short";
constexpr const char* k_other_size = "it holds more or fewer bytes than it announces";

struct Facts {
  Kind kind;
  const char* name;
  std::string_view suffix;
  std::string_view magic;
  uint64_t most_ratio;  // that the format allows, rounded up
};
// zstd: 128 KiB from a block of 4 bytes. LZ4: 255 from a byte. Deflate: 258 from 2 bits.
// Snappy: 64 from 3 bytes.
constexpr std::array k_facts = {
    Facts{Kind::none, "none", "", "", 1},
    Facts{Kind::zstd, "zstd", ".zst", "\x28\xb5\x2f\xfd", 32768},
    Facts{Kind::lz4, "lz4", ".lz4", "\x04\x22\x4d\x18", 256},
    Facts{Kind::gzip, "gzip", ".gz", "\x1f\x8b", 1033},
    Facts{Kind::snappy, "snappy", ".sz", "", 32},
    Facts{Kind::lz4_block, "lz4-block", "", "", 256},
    Facts{Kind::snappy_block, "snappy-block", "", "", 32},
};

const Facts& facts_of(Kind kind) { return k_facts[static_cast<size_t>(kind)]; }

// Bits of a frame's FLG byte, https://github.com/lz4/lz4/blob/dev/doc/lz4_Frame_format.md
std::optional<uint64_t> announced_by_lz4(Bytes packed) {
  constexpr size_t k_flags_at = 4, k_size_at = 6;
  constexpr auto k_has_size = std::byte{8};
  if (packed.size() < k_size_at + 8) return std::nullopt;
  if ((packed[k_flags_at] & k_has_size) == std::byte{0}) {
    // The library leaves out a size of 0; an end mark where the first block would be says so too.
    const bool is_empty = load_le<uint32_t>(packed.data() + k_size_at + 1) == 0;
    return is_empty ? std::optional<uint64_t>(0) : std::nullopt;
  }
  return load_le<uint64_t>(packed.data() + k_size_at);
}

std::optional<uint64_t> stated_bytes(Kind kind, Bytes packed) {
  switch (kind) {
    case Kind::none:
      return packed.size();
    case Kind::zstd: {
      const auto size = ZSTD_getFrameContentSize(packed.data(), packed.size());
      if (size == ZSTD_CONTENTSIZE_UNKNOWN || size == ZSTD_CONTENTSIZE_ERROR) return std::nullopt;
      return size;
    }
    case Kind::lz4:
      return announced_by_lz4(packed);
    case Kind::gzip:  // that of the last member; others fail against it
      if (packed.size() < 18) return std::nullopt;
      return load_le<uint32_t>(packed.data() + packed.size() - 4);
    case Kind::snappy:
      return snappy_frame_bytes(packed);
    case Kind::snappy_block: {
      const auto size = snappy_announced_bytes(packed);
      return size ? std::optional<uint64_t>(*size) : std::nullopt;
    }
    case Kind::lz4_block:
      break;
  }
  return std::nullopt;
}

}  // namespace

const char* name_of(Kind kind) { return facts_of(kind).name; }
std::string_view suffix_of(Kind kind) { return facts_of(kind).suffix; }

Kind kind_of(Bytes first_bytes) {
  const std::string_view text(reinterpret_cast<const char*>(first_bytes.data()),
                              first_bytes.size());
  for (const Facts& facts : k_facts) {
    if (!facts.magic.empty() && text.starts_with(facts.magic)) return facts.kind;
  }
  return Kind::none;
}

PackedName packed_name(std::string_view name) {
  for (const Facts& facts : k_facts) {
    if (facts.suffix.empty() || name.size() <= facts.suffix.size()) continue;
    if (name.ends_with(facts.suffix)) {
      return {.name = name.substr(0, name.size() - facts.suffix.size()), .kind = facts.kind};
    }
  }
  return {.name = name};
}

std::optional<uint64_t> announced_bytes(Kind kind, Bytes packed) {
  const auto stated = stated_bytes(kind, packed);
  if (!stated || *stated / facts_of(kind).most_ratio > packed.size()) return std::nullopt;
  return stated;
}

struct Decompressor::Contexts {
  template <auto free>
  struct Free {
    template <typename T>
    void operator()(T* context) const {
      free(context);
    }
  };
  std::unique_ptr<ZSTD_DCtx, Free<ZSTD_freeDCtx>> zstd{ZSTD_createDCtx()};
  std::unique_ptr<libdeflate_decompressor, Free<libdeflate_free_decompressor>> deflate{
      libdeflate_alloc_decompressor()};

  Done run_zstd(Bytes packed, std::span<std::byte> target) const {
    const size_t made =
        ZSTD_decompressDCtx(zstd.get(), target.data(), target.size(), packed.data(), packed.size());
    if (ZSTD_isError(made) != 0U) return std::unexpected(ZSTD_getErrorName(made));
    if (made != target.size()) return std::unexpected(k_other_size);
    return {};
  }

  Done run_gzip(Bytes packed, std::span<std::byte> target) const {
    while (!packed.empty()) {
      size_t taken = 0, made = 0;
      const libdeflate_result result = libdeflate_gzip_decompress_ex(
          deflate.get(), packed.data(), packed.size(), target.data(), target.size(), &taken, &made);
      if (result == LIBDEFLATE_INSUFFICIENT_SPACE) return std::unexpected(k_other_size);
      if (result != LIBDEFLATE_SUCCESS) return std::unexpected(k_damaged);
      packed = packed.subspan(taken);
      target = target.subspan(made);
    }
    if (!target.empty()) return std::unexpected(k_other_size);
    return {};
  }
};

Decompressor::Decompressor() : contexts_(std::make_unique<Contexts>()) {
  HR_CHECK(contexts_->zstd && contexts_->deflate, "out of memory");
}
Decompressor::Decompressor(Decompressor&&) noexcept = default;
Decompressor::~Decompressor() = default;

Done Decompressor::run(Kind kind, Bytes packed, std::span<std::byte> target) noexcept {
  if (packed.empty()) return std::unexpected(k_damaged);
  switch (kind) {
    case Kind::none:
      if (packed.size() != target.size()) return std::unexpected(k_other_size);
      std::ranges::copy(packed, target.begin());
      return {};
    case Kind::zstd:
      return contexts_->run_zstd(packed, target);
    case Kind::lz4:
      return lz4_decompress(packed, target);
    case Kind::gzip:
      return contexts_->run_gzip(packed, target);
    case Kind::snappy:
      return snappy_frame_decompress(packed, target);
    case Kind::snappy_block:
      return snappy_decompress(packed, target);
    case Kind::lz4_block:
      break;
  }
  constexpr size_t k_most = LZ4_MAX_INPUT_SIZE;
  if (packed.size() > k_most || target.size() > k_most) return std::unexpected("it is too long");
  const int made = LZ4_decompress_safe(
      reinterpret_cast<const char*>(packed.data()), reinterpret_cast<char*>(target.data()),
      static_cast<int>(packed.size()), static_cast<int>(target.size()));
  if (made < 0) return std::unexpected(k_damaged);
  if (static_cast<size_t>(made) != target.size()) return std::unexpected(k_other_size);
  return {};
}

std::expected<std::vector<std::byte>, const char*> decompressed(Kind kind, Bytes packed,
                                                                size_t limit_bytes) {
  const auto size = announced_bytes(kind, packed);
  if (!size) return std::unexpected("it does not say how many bytes it holds, or cannot hold them");
  if (*size > limit_bytes) return std::unexpected("it announces too many bytes");
  std::vector<std::byte> made(*size);
  const auto done = Decompressor().run(kind, packed, made);
  if (!done) return std::unexpected(done.error());
  return made;
}

}  // namespace headrace::codec
