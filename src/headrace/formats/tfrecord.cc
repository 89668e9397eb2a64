// A record: u64 length, u32 masked CRC-32C of these eight bytes, the bytes, u32 of theirs.
#include "headrace/formats/tfrecord.h"

#include "headrace/base/crc32c.h"
#include "headrace/base/endian.h"
#include "headrace/base/hash.h"
#include "headrace/formats/tf_example.h"
#include "headrace/formats/tfrecord_encoder.h"

namespace headrace::formats {
namespace {

bool holds(std::span<const std::byte> bytes, std::span<const std::byte> said) {
  return masked_crc32c(crc32c(bytes)) == load_le<uint32_t>(said.data());
}

// "x.tfrecord", "x.tfrecords", "x.tfrecord-00000-of-00010", "train-00000-of-00010", "x.tfrec".
bool is_tfrecord_name(std::string_view name) {
  name = name.substr(name.rfind('/') + 1);
  for (const std::string_view suffix : {".tfrecord", ".tfrecords", ".tfrec"}) {
    if (name.ends_with(suffix)) return true;
  }
  const size_t of = name.rfind("-of-");
  if (of == std::string_view::npos || of + 4 == name.size()) return false;
  constexpr std::string_view k_digits = "0123456789";
  const size_t before = name.find_last_not_of(k_digits, of == 0 ? 0 : of - 1);
  return name.find_first_not_of(k_digits, of + 4) == std::string_view::npos &&
         before != std::string_view::npos && before + 1 < of && name[before] == '-';
}

bool begins_as_tfrecord(const ByteSource& source) {
  ByteWindow window(source);
  const auto head = window.at(0, k_tfrecord_head_bytes);
  return head && holds(head->first(8), head->subspan(8));
}

std::unique_ptr<SampleScanner> scan_tfrecord(ByteSource source, ScanFrom from) {
  return std::make_unique<TfRecordSamples>(std::move(source), from);
}

std::unique_ptr<ShardEncoder> encode_tfrecord(ShardEncoder::Sink sink) {
  return std::make_unique<TfRecordEncoder>(std::move(sink));
}

}  // namespace

const ShardFormat k_tfrecord_format = {.name = "tfrecord",
                                       .suffix = ".tfrecord",
                                       .has_name = is_tfrecord_name,
                                       .begins = begins_as_tfrecord,
                                       .scan = scan_tfrecord,
                                       .encode = encode_tfrecord};

std::expected<std::optional<ScannedSample>, ScanFailure> TfRecordSamples::next() {
  if (at_bytes_ == window_.size_bytes()) return std::nullopt;
  const auto fail = [&](std::string what) {
    return std::unexpected(ScanFailure{std::move(what), at_bytes_});
  };
  const auto head = window_.at(at_bytes_, k_tfrecord_head_bytes);
  if (!head) return fail("the file ends within the head of a record");
  if (!holds(head->first(8), head->subspan(8))) {
    return fail("the checksum of a record's length differs");
  }
  const auto length = load_le<uint64_t>(head->data());
  const uint64_t left = window_.size_bytes() - at_bytes_ - k_tfrecord_head_bytes;
  if (left < k_tfrecord_tail_bytes || length > left - k_tfrecord_tail_bytes) {
    return fail(fmt::format("a record of {} bytes leaves the file", length));
  }
  const uint64_t data_offset_bytes = at_bytes_ + k_tfrecord_head_bytes;
  const auto body = window_.at(data_offset_bytes, length + k_tfrecord_tail_bytes);
  if (!body) return std::unexpected(body.error());
  const auto record = body->first(length);
  const bool is_lost = !holds(record, body->subspan(length));
  if (is_lost && cut_member_ == CutMember::fails) {
    return fail(fmt::format("the checksum of a record of {} bytes differs", length));
  }
  ScannedSample sample{
      .key = std::to_string(sample_index_), .record_offset_bytes = at_bytes_, .fields = {}};
  if (is_lost) {
    sample.lost = FieldExtent{.offset_bytes = data_offset_bytes,
                              .length_bytes = body->size(),
                              .checksum = xxh3(*body) ^ 1};
  } else if (auto added = add_features(record, data_offset_bytes, sample); !added) {
    return fail("the record is no tf.train.Example: " + added.error());
  }
  at_bytes_ = data_offset_bytes + length + k_tfrecord_tail_bytes;
  ++sample_index_;
  return sample;
}

}  // namespace headrace::formats
