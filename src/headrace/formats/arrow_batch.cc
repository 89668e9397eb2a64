// Nodes and buffers come in the order of the schema's tree, depth first.
#include "headrace/formats/arrow_batch.h"

#include <algorithm>

#include "headrace/base/endian.h"
#include "headrace/codec/codec.h"
#include "headrace/formats/integers.h"

namespace headrace::formats {
namespace {

constexpr uint64_t k_arrow_buffer_limit_bytes = uint64_t{4} << 30;  // unpacked

std::unexpected<ScanFailure> arrow_fail(std::string what, uint64_t offset_bytes) {
  return std::unexpected(ScanFailure{std::move(what), offset_bytes});
}

bool bit_at(std::span<const std::byte> bits, uint64_t index) {
  return (std::to_integer<unsigned>(bits[index / 8]) >> (index % 8) & 1U) != 0;
}

uint64_t bytes_of_bits(uint64_t count) { return count / 8 + (count % 8 != 0 ? 1 : 0); }

}  // namespace

bool ArrowColumn::is_valid(uint64_t row) const {
  return std::ranges::all_of(validity_,
                             [&](const auto& validity) { return bit_at(validity->bytes, row); });
}

uint64_t ArrowColumn::offset_at(uint64_t row) const {
  const auto bytes = std::span(offsets_.bytes).subspan(row * width_bytes_, width_bytes_);
  return widened(bytes, true);
}

bool ArrowColumn::holds(uint64_t row_count) const {
  const auto enough = [](const ArrowBuffer& buffer, uint64_t count, uint64_t width_bytes) {
    return width_bytes > 0 && count <= buffer.length_bytes / width_bytes;
  };
  for (const auto& validity : validity_) {
    if (validity->bytes.size() < bytes_of_bits(row_count)) return false;
  }
  if (kind_ == ArrowKind::boolean) return values_.bytes.size() >= bytes_of_bits(row_count);
  if (kind_ == ArrowKind::integer || kind_ == ArrowKind::fixed) {
    return enough(values_, row_count, width_bytes_);
  }
  return row_count == 0 ||
         (row_count < UINT64_MAX && enough(offsets_, row_count + 1, width_bytes_));
}

std::expected<ArrowValue, std::string> ArrowColumn::value(uint64_t row) const {
  if (!is_valid(row)) return ArrowValue{};
  if (kind_ == ArrowKind::boolean) {
    return ArrowValue{.kind = ArrowValue::Kind::number,
                      .number = bit_at(values_.bytes, row) ? 1U : 0U};
  }
  if (kind_ == ArrowKind::integer) {
    const auto bytes = std::span(values_.bytes).subspan(row * width_bytes_, width_bytes_);
    const uint64_t number = widened(bytes, is_signed_);
    if (dictionary_ == nullptr) {
      return ArrowValue{.kind = ArrowValue::Kind::number, .number = number};
    }
    // A message that replaced it may have left its values out.
    const bool is_there = number < dictionary_->row_count && dictionary_->columns.size() == 1;
    if (is_there) return dictionary_->columns.front().value(number);
    return std::unexpected(fmt::format("its dictionary has {} values, and number {} is asked for",
                                       dictionary_->row_count, number));
  }
  if (kind_ == ArrowKind::fixed) return bytes_at(row * width_bytes_, width_bytes_);
  const uint64_t begin = offset_at(row), end = offset_at(row + 1);
  if (begin > end || end > values_.length_bytes / unit_bytes_) {
    return std::unexpected(fmt::format("a value cannot lie from {} to {}", begin, end));
  }
  return bytes_at(begin * unit_bytes_, (end - begin) * unit_bytes_);
}

std::expected<ArrowValue, std::string> ArrowColumn::bytes_at(uint64_t begin,
                                                             uint64_t length_bytes) const {
  ArrowValue value{.kind = ArrowValue::Kind::bytes,
                   .file_offset_bytes = values_.file_offset_bytes + begin,
                   .length_bytes = length_bytes};
  if (!values_.bytes.empty()) value.bytes = std::span(values_.bytes).subspan(begin, length_bytes);
  return value;
}

class ArrowBatchReader {
 public:
  ArrowBatchReader(const ByteSource& source, const ArrowMessage& message,
                   const ArrowDictionaries& dictionaries)
      : source_(source),
        message_(message),
        dictionaries_(dictionaries),
        nodes_(message.batch.vector(1, 16)),
        buffers_(message.batch.vector(2, 16)) {
    if (const auto compression = message.batch.table(3)) {
      codec_ = compression->number<int8_t>(0) == 1 ? codec::Kind::zstd : codec::Kind::lz4;
    }
  }

  std::expected<ArrowBatch, ScanFailure> read(std::span<const ArrowField> fields) {
    batch_.row_count = message_.batch.number<uint64_t>(0);
    batch_.is_compressed = codec_ != codec::Kind::none;
    if (batch_.row_count > INT64_MAX) return fail("a batch has a negative number of rows");
    for (const ArrowField& field : fields) {
      if (auto taken = take(field, {.name = field.name}); !taken) {
        return std::unexpected(taken.error());
      }
    }
    if (!nodes_.empty() || !buffers_.empty())
      return fail("a batch has more columns than its schema");
    for (const ArrowColumn& column : batch_.columns) {
      if (!column.holds(batch_.row_count)) {
        return fail(fmt::format("column {} is shorter than its batch of {} rows", column.name(),
                                batch_.row_count));
      }
    }
    return std::move(batch_);
  }

 private:
  // What is known of a field from those above it.
  struct Above {
    std::string name = {};
    std::vector<std::shared_ptr<const ArrowBuffer>> validity = {};
    bool makes_field = true;
  };
  using Done = std::expected<void, ScanFailure>;

  std::unexpected<ScanFailure> fail(std::string what) const {
    return arrow_fail(std::move(what), message_.body_offset_bytes);
  }

  Done take(const ArrowField& field, Above above) {
    bool has_nulls = false;
    if (auto node = take_node(has_nulls); !node) return node;
    if (field.kind == ArrowKind::none) return {};
    ArrowColumn column;
    column.name_ = above.name;
    column.kind_ = field.kind;
    column.width_bytes_ = field.width_bytes;
    column.is_signed_ = field.is_signed;
    column.validity_ = above.validity;
    const bool is_opaque = field.kind == ArrowKind::opaque;
    if (field.buffer_count > 0 && !is_opaque) {
      auto validity = take_buffer(has_nulls && above.makes_field);
      if (!validity) return std::unexpected(validity.error());
      if (has_nulls) {
        column.validity_.push_back(std::make_shared<const ArrowBuffer>(std::move(*validity)));
      }
    }
    switch (field.kind) {
      case ArrowKind::structure:
        return take_structure(field, above, column.validity_);
      case ArrowKind::fixed_list:
        return take_fixed_list(field, above, std::move(column));
      case ArrowKind::list:
        return take_list(field, above, std::move(column));
      case ArrowKind::opaque:
        return skip(field, field.buffer_count);
      default:
        return take_leaf(field, above, std::move(column));
    }
  }

  Done take_leaf(const ArrowField& field, const Above& above, ArrowColumn column) {
    if (field.kind == ArrowKind::variable) {
      if (auto taken = take_into(column.offsets_, above.makes_field); !taken) return taken;
    }
    const bool is_needed = field.kind == ArrowKind::integer || field.kind == ArrowKind::boolean;
    if (auto taken = take_into(column.values_, is_needed && above.makes_field); !taken)
      return taken;
    if (!above.makes_field || column.name_.empty()) return {};
    if (field.kind == ArrowKind::fixed && field.width_bytes == 0) return {};
    if (field.dictionary) {
      const auto found = dictionaries_.find(*field.dictionary);
      if (found == dictionaries_.end()) {
        return fail(fmt::format("column {} comes before its dictionary", column.name_));
      }
      if (found->second.columns.size() != 1) return {};  // of values that make no field
      column.dictionary_ = &found->second;
    }
    batch_.columns.push_back(std::move(column));
    return {};
  }

  Done take_structure(const ArrowField& field, const Above& above,
                      const std::vector<std::shared_ptr<const ArrowBuffer>>& validity) {
    for (const ArrowField& child : field.children) {
      const std::string name = above.name.empty() ? child.name : above.name + "." + child.name;
      auto taken = take(
          child, {.name = name,
                  .validity = validity,
                  .makes_field = above.makes_field && name.size() <= k_field_name_limit_bytes});
      if (!taken) return taken;
    }
    return {};
  }

  // Numbers of a fixed width, without nulls among them, lie one behind the other.
  static bool is_plain(const ArrowField& child) {
    const bool has_width = child.kind == ArrowKind::integer || child.kind == ArrowKind::fixed;
    return has_width && child.width_bytes > 0 && !child.dictionary;
  }

  Done take_plain_child(const ArrowField& child, ArrowColumn& column, bool& makes_field) {
    bool has_nulls = false;
    if (auto node = take_node(has_nulls); !node) return node;
    if (auto validity = take_buffer(false); !validity) return std::unexpected(validity.error());
    makes_field = makes_field && !has_nulls;
    column.unit_bytes_ = child.width_bytes;
    return take_into(column.values_, false);
  }

  Done take_fixed_list(const ArrowField& field, const Above& above, ArrowColumn column) {
    const ArrowField& child = field.children.front();
    if (!is_plain(child)) return take(child, {.makes_field = false});
    bool makes_field = above.makes_field && field.list_size > 0;
    if (auto taken = take_plain_child(child, column, makes_field); !taken) return taken;
    column.kind_ = ArrowKind::fixed;
    column.width_bytes_ = child.width_bytes * field.list_size;
    if (makes_field) batch_.columns.push_back(std::move(column));
    return {};
  }

  Done take_list(const ArrowField& field, const Above& above, ArrowColumn column) {
    const ArrowField& child = field.children.front();
    bool makes_field = above.makes_field;
    if (auto taken = take_into(column.offsets_, makes_field && is_plain(child)); !taken)
      return taken;
    if (!is_plain(child)) return take(child, {.makes_field = false});
    if (auto taken = take_plain_child(child, column, makes_field); !taken) return taken;
    column.kind_ = ArrowKind::variable;
    if (makes_field) batch_.columns.push_back(std::move(column));
    return {};
  }

  Done skip(const ArrowField& field, size_t buffer_count) {
    for (size_t i = 0; i < buffer_count; ++i) {
      if (auto buffer = take_buffer(false); !buffer) return std::unexpected(buffer.error());
    }
    for (const ArrowField& child : field.children) {
      if (auto taken = take(child, {.makes_field = false}); !taken) return taken;
    }
    return {};
  }

  Done take_node(bool& has_nulls) {
    if (nodes_.empty()) return fail("a batch has fewer columns than its schema");
    has_nulls = load_le<int64_t>(nodes_.data() + 8) != 0;
    nodes_ = nodes_.subspan(16);
    return {};
  }

  Done take_into(ArrowBuffer& target, bool is_needed) {
    auto buffer = take_buffer(is_needed);
    if (!buffer) return std::unexpected(buffer.error());
    target = std::move(*buffer);
    return {};
  }

  std::expected<ArrowBuffer, ScanFailure> take_buffer(bool is_needed) {
    if (buffers_.empty()) return fail("a batch has fewer buffers than its schema calls for");
    const auto offset = load_le<uint64_t>(buffers_.data());
    const auto length = load_le<uint64_t>(buffers_.data() + 8);
    buffers_ = buffers_.subspan(16);
    if (offset > message_.body_bytes || length > message_.body_bytes - offset) {
      return fail("a buffer leaves its message");
    }
    ArrowBuffer buffer{.file_offset_bytes = message_.body_offset_bytes + offset,
                       .length_bytes = length};
    if (length == 0 || (!is_needed && codec_ == codec::Kind::none)) return buffer;
    buffer.bytes.resize(length);
    if (auto read = read_fully(source_, buffer.bytes, buffer.file_offset_bytes); !read) {
      return std::unexpected(read.error());
    }
    if (codec_ == codec::Kind::none) return buffer;
    return unpacked(std::move(buffer));
  }

  // The size before it, or -1 where it did not shrink.
  std::expected<ArrowBuffer, ScanFailure> unpacked(ArrowBuffer buffer) {
    constexpr uint64_t k_ratio_max = 32768;  // of zstd; LZ4's is less
    if (buffer.bytes.size() < 8) return fail("a compressed buffer ends within its size");
    const auto said = load_le<uint64_t>(buffer.bytes.data());
    const auto packed = std::span<const std::byte>(buffer.bytes).subspan(8);
    std::vector<std::byte> plain(packed.begin(), packed.end());
    if (said != UINT64_MAX) {
      if (said > std::min(k_arrow_buffer_limit_bytes, packed.size() * k_ratio_max)) {
        return fail(fmt::format("a buffer of {} bytes cannot hold {}", packed.size(), said));
      }
      plain.resize(said);
      if (!decompressor_) decompressor_.emplace();
      const auto done = decompressor_->run(codec_, packed, plain);
      if (!done) return arrow_fail(done.error(), buffer.file_offset_bytes);
    }
    buffer.length_bytes = plain.size();
    buffer.bytes = std::move(plain);
    return buffer;
  }

  const ByteSource& source_;
  const ArrowMessage& message_;
  const ArrowDictionaries& dictionaries_;
  std::span<const std::byte> nodes_;
  std::span<const std::byte> buffers_;
  codec::Kind codec_ = codec::Kind::none;
  std::optional<codec::Decompressor> decompressor_;  // where one is needed
  ArrowBatch batch_;
};

bool is_compressed(const FlatTable& batch) { return batch.table(3).has_value(); }

std::expected<ArrowBatch, ScanFailure> read_arrow_batch(const ByteSource& source,
                                                        const ArrowMessage& message,
                                                        std::span<const ArrowField> fields,
                                                        const ArrowDictionaries& dictionaries) {
  return ArrowBatchReader(source, message, dictionaries).read(fields);
}

}  // namespace headrace::formats
