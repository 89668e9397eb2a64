// The scanner of plain tars walks over a window of the stream, which only moves on.
#include "headrace/formats/packed_tar.h"

#include <algorithm>
#include <cerrno>
#include <limits>

#include "headrace/base/check.h"
#include "headrace/codec/codec.h"
#include "headrace/formats/tar.h"

namespace headrace::formats {
namespace {

constexpr size_t k_window_step_bytes = size_t{256} << 10;
constexpr uint64_t k_window_limit_bytes = uint64_t{4} << 30;

bool is_packed_tar_name(std::string_view name) {
  const codec::PackedName packed = codec::packed_name(name);
  const bool is_packed = packed.kind != codec::Kind::none && packed.name.ends_with(".tar");
  return is_packed || name.ends_with(".tgz");
}

bool begins_as_packed_tar(const ByteSource& source) {
  std::array<std::byte, 8> head{};
  const auto got = source.read_at(head, 0);
  if (codec::kind_of(std::span(head).first(got.value_or(0))) == codec::Kind::none) return false;
  StreamWindow window(open_stream(source));
  const auto first = window.view(0, k_tar_block_bytes);
  return first && parse_tar_header(first->first<k_tar_block_bytes>()).has_value();
}

std::unique_ptr<RecordReader> unpack_tar(ByteSource source) {
  return std::make_unique<PackedTar>(std::move(source));
}

}  // namespace

const ShardFormat k_packed_tar_format = {.name = "packed-tar",
                                         .suffix = ".tar.gz",
                                         .has_name = is_packed_tar_name,
                                         .begins = begins_as_packed_tar,
                                         .scan = nullptr,
                                         .unpack = unpack_tar};

OrErrno<size_t> StreamWindow::read_at(std::span<std::byte> target, uint64_t offset_bytes) {
  HR_CHECK(offset_bytes >= begin_bytes_, "{} before {}", offset_bytes, begin_bytes_);
  reach(offset_bytes + target.size());
  if (failure_) return std::unexpected(EIO);
  const uint64_t end = end_bytes();
  const size_t count =
      offset_bytes < end ? std::min<uint64_t>(target.size(), end - offset_bytes) : 0;
  const auto from =
      held_.begin() + static_cast<ptrdiff_t>(skipped_ + (offset_bytes - begin_bytes_));
  if (count > 0) std::copy_n(from, count, target.begin());
  if (count < std::min<size_t>(target.size(), k_tar_block_bytes)) ran_out_ = true;
  return count;
}

std::optional<std::span<const std::byte>> StreamWindow::view(uint64_t offset_bytes,
                                                             uint64_t length_bytes) {
  reach(offset_bytes + length_bytes);
  if (failure_) return std::nullopt;
  if (offset_bytes + length_bytes > end_bytes()) {
    ran_out_ = true;
    return std::nullopt;
  }
  return std::span(held_).subspan(skipped_ + (offset_bytes - begin_bytes_), length_bytes);
}

void StreamWindow::forget_before(uint64_t offset_bytes) {
  const uint64_t passed = std::min(offset_bytes, end_bytes()) - begin_bytes_;
  skipped_ += passed;
  begin_bytes_ += passed;
  if (skipped_ < held_.size() / 2) return;
  held_.erase(held_.begin(), held_.begin() + static_cast<ptrdiff_t>(skipped_));
  skipped_ = 0;
}

void StreamWindow::reach(uint64_t offset_bytes) {
  while (!failure_ && !at_end_ && end_bytes() < offset_bytes) {
    if (offset_bytes - begin_bytes_ > k_window_limit_bytes) {
      failure_ = ScanFailure{"a sample of it has over 4 GiB", stream_->at_bytes()};
      return;
    }
    const size_t before = held_.size();
    held_.resize(before + k_window_step_bytes);
    const auto got = stream_->read(std::span(held_).subspan(before));
    held_.resize(before + (got ? *got : 0));
    if (!got) failure_ = got.error();
    at_end_ = got && *got == 0;
  }
}

PackedTar::PackedTar(ByteSource source)
    : window_(open_stream(std::move(source))),
      samples_({.read_at =
                    [this](std::span<std::byte> target, uint64_t offset_bytes) {
                      return window_.read_at(target, offset_bytes);
                    },
                .size_bytes = std::numeric_limits<int64_t>::max()},
               {}) {}

std::expected<std::optional<std::span<const FieldBytes>>, ScanFailure> PackedTar::next() {
  window_.forget_before(sample_end_bytes_);
  auto sample = samples_.next();
  if (!sample) return std::unexpected(told(sample.error()));
  if (!*sample) return std::nullopt;
  sample_ = std::move(**sample);
  fields_.clear();
  for (const auto& field : sample_.fields) {
    const FieldExtent& extent = field.second;
    sample_end_bytes_ = std::max(sample_end_bytes_, extent.offset_bytes + extent.length_bytes);
  }
  if (!window_.view(sample_end_bytes_, 0)) {
    return std::unexpected(told({"", sample_.record_offset_bytes}));
  }
  for (const auto& [name, extent] : sample_.fields) {
    fields_.push_back({name, *window_.view(extent.offset_bytes, extent.length_bytes)});
  }
  return fields_;
}

// Offsets of the archive's own failures count unpacked bytes.
ScanFailure PackedTar::told(ScanFailure failure) const {
  if (window_.failure()) return *window_.failure();
  if (window_.ran_out()) failure.what = "the archive is cut off before its end block";
  failure.what = fmt::format("unpacked byte {}: {}", failure.offset_bytes, failure.what);
  failure.offset_bytes = window_.at_bytes();
  return failure;
}

}  // namespace headrace::formats
