// Messages from the outside in: each one's size is known before its bytes are put, so that a
// picture is copied once.
#include "headrace/formats/tfrecord_encoder.h"

#include "headrace/base/crc32c.h"
#include "headrace/base/endian.h"
#include "headrace/base/hash.h"

namespace headrace::formats {
namespace {

constexpr uint8_t k_bytes_type = 2;

size_t varint_size(uint64_t value) {
  size_t size = 1;
  for (; value >= 0x80; value >>= 7) ++size;
  return size;
}

// Of a field of bytes with a number below 16: tag, length, bytes.
size_t field_size(size_t content_bytes) { return 1 + varint_size(content_bytes) + content_bytes; }

class Message {
 public:
  explicit Message(std::vector<std::byte>& bytes) : bytes_(bytes) {}
  void varint(uint64_t value) {
    for (; value >= 0x80; value >>= 7) bytes_.push_back(static_cast<std::byte>(value | 0x80));
    bytes_.push_back(static_cast<std::byte>(value));
  }
  // The content follows.
  void head(unsigned number, size_t content_bytes) {
    bytes_.push_back(static_cast<std::byte>(number << 3 | k_bytes_type));
    varint(content_bytes);
  }
  void bytes(std::span<const std::byte> content) {
    bytes_.insert(bytes_.end(), content.begin(), content.end());
  }

 private:
  std::vector<std::byte>& bytes_;
};

// A map entry { key = 1, value = 2 } of a Feature { bytes_list = 1 or int64_list = 3 } of a list
// { value = 1 }.
struct Entry {
  explicit Entry(const FieldBytes& from) : field(from), label(label_value(from)) {
    const size_t value_bytes =
        label ? varint_size(static_cast<uint64_t>(*label)) : field.bytes.size();
    list_bytes = field_size(value_bytes);
    feature_bytes = field_size(list_bytes);
    entry_bytes = field_size(field.name.size()) + field_size(feature_bytes);
  }
  void put(Message& message) const {
    message.head(1, entry_bytes);
    message.head(1, field.name.size());
    message.bytes(std::as_bytes(std::span(field.name)));
    message.head(2, feature_bytes);
    message.head(label ? 3 : 1, list_bytes);
    if (label) {
      message.head(1, varint_size(static_cast<uint64_t>(*label)));  // packed
      message.varint(static_cast<uint64_t>(*label));
    } else {
      message.head(1, field.bytes.size());
      message.bytes(field.bytes);
    }
  }

  // Of the value that put() has put last.
  FieldExtent extent(std::span<const std::byte> bytes) const {
    if (label) return {.offset_bytes = static_cast<uint64_t>(*label), .length_bytes = k_inline};
    return {.offset_bytes = bytes.size() - field.bytes.size(),
            .length_bytes = field.bytes.size(),
            .checksum = xxh3(field.bytes)};
  }

  FieldBytes field;
  std::optional<int64_t> label;
  size_t list_bytes = 0, feature_bytes = 0, entry_bytes = 0;
};

std::array<std::byte, 4> masked_sum(std::span<const std::byte> bytes) {
  std::array<std::byte, 4> sum;
  store_le(sum.data(), masked_crc32c(crc32c(bytes)));
  return sum;
}

}  // namespace

void append_tfrecord(const KeyedFields& sample, std::vector<std::byte>& bytes,
                     std::span<FieldExtent> extents) {
  std::vector<Entry> entries;
  entries.reserve(1 + sample.fields.size());
  const bool has_key = !sample.key.empty() && sample.key.size() <= k_key_limit_bytes;
  if (has_key)
    entries.emplace_back(FieldBytes{k_key_feature, std::as_bytes(std::span(sample.key))});
  for (const FieldBytes& field : sample.fields) entries.emplace_back(field);
  size_t features_bytes = 0;
  for (const Entry& entry : entries) features_bytes += field_size(entry.entry_bytes);
  std::array<std::byte, 8> length;
  store_le(length.data(), uint64_t{field_size(features_bytes)});
  Message message(bytes);
  message.bytes(length);
  message.bytes(masked_sum(length));
  const size_t begin = bytes.size();
  message.head(1, features_bytes);
  for (size_t i = 0; i < entries.size(); ++i) {
    entries[i].put(message);
    const bool is_key = has_key && i == 0;
    if (!extents.empty() && !is_key) extents[i - (has_key ? 1 : 0)] = entries[i].extent(bytes);
  }
  message.bytes(masked_sum(std::span(bytes).subspan(begin)));
}

void TfRecordEncoder::append(std::span<const FieldBytes> fields) {
  record_.clear();
  append_tfrecord({fields}, record_);
  sink_(record_);
  size_bytes_ += record_.size();
}

}  // namespace headrace::formats
