// Tars that are compressed as a whole (.tar.gz, .tgz, .tar.zst, .tar.lz4): samples front to back.
// Thread safety: one owner. Memory: one sample and the headers around it, 4 GiB at most.
// Invariant: samples are those of the plain tar (tar_samples.h).
#pragma once

#include <memory>
#include <vector>

#include "headrace/formats/byte_stream.h"
#include "headrace/formats/tar_samples.h"

namespace headrace::formats {

extern const ShardFormat k_packed_tar_format;  // "packed-tar"

// The part of a stream that is still needed.
class StreamWindow {
 public:
  explicit StreamWindow(std::unique_ptr<ByteStream> stream) : stream_(std::move(stream)) {}
  // As ByteSource::read_at; EIO when the stream failed.
  OrErrno<size_t> read_at(std::span<std::byte> target, uint64_t offset_bytes);
  // Nothing when the stream ends before or failed.
  std::optional<std::span<const std::byte>> view(uint64_t offset_bytes, uint64_t length_bytes);
  void forget_before(uint64_t offset_bytes);
  const std::optional<ScanFailure>& failure() const { return failure_; }
  bool ran_out() const { return ran_out_; }  // somebody asked for more than there is
  uint64_t at_bytes() const { return stream_->at_bytes(); }

 private:
  uint64_t end_bytes() const { return begin_bytes_ + (held_.size() - skipped_); }
  void reach(uint64_t offset_bytes);

  std::unique_ptr<ByteStream> stream_;
  std::vector<std::byte> held_;
  size_t skipped_ = 0;        // of held_, not needed any more
  uint64_t begin_bytes_ = 0;  // of the stream, behind what is skipped
  bool at_end_ = false;
  bool ran_out_ = false;
  std::optional<ScanFailure> failure_;
};

class PackedTar final : public RecordReader {
 public:
  explicit PackedTar(ByteSource source);
  std::expected<std::optional<std::span<const FieldBytes>>, ScanFailure> next() override;
  uint64_t at_bytes() const override { return window_.at_bytes(); }
  std::string_view key() const override { return sample_.key; }

 private:
  ScanFailure told(ScanFailure failure) const;

  StreamWindow window_;
  TarSamples samples_;
  ScannedSample sample_;
  uint64_t sample_end_bytes_ = 0;
  std::vector<FieldBytes> fields_;
};

}  // namespace headrace::formats
