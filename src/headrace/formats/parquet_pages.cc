// Numbers of page types and encodings are those of parquet.thrift.
#include "headrace/formats/parquet_pages.h"

#include <algorithm>
#include <bit>

#include "headrace/base/check.h"
#include "headrace/base/crc32c.h"
#include "headrace/base/endian.h"
#include "headrace/base/hash.h"
#include "headrace/codec/codec.h"
#include "headrace/formats/parquet_levels.h"
#include "headrace/formats/thrift_compact.h"

namespace headrace::formats {
namespace {

using Bytes = std::span<const std::byte>;

constexpr int64_t k_data_page = 0, k_index_page = 1, k_dictionary_page = 2, k_data_page_v2 = 3;
constexpr int64_t k_plain = 0, k_plain_dictionary = 2, k_rle = 3, k_rle_dictionary = 8;
constexpr uint64_t k_page_header_bytes = uint64_t{64} << 10,
                   k_long_header_bytes = uint64_t{16} << 20;
constexpr uint64_t k_page_limit_bytes = uint64_t{1} << 30;  // decompressed
constexpr uint64_t k_decoded_limit_bytes = uint64_t{4} << 30;

struct Page {
  int64_t type = 0;
  ThriftValue facts;
  uint64_t body_offset_bytes = 0;
  uint64_t body_bytes = 0;   // as they lie in the file
  uint64_t plain_bytes = 0;  // without compression
};

std::optional<codec::Kind> kind_of(ParquetCodec codec) {
  switch (codec) {
    case ParquetCodec::none:
      return codec::Kind::none;
    case ParquetCodec::snappy:
      return codec::Kind::snappy_block;
    case ParquetCodec::gzip:
      return codec::Kind::gzip;
    case ParquetCodec::zstd:
      return codec::Kind::zstd;
    case ParquetCodec::lz4_raw:
      return codec::Kind::lz4_block;
    default:
      return std::nullopt;
  }
}

// A page's values, in place or decompressed.
struct Body {
  std::vector<std::byte> owned;
  Bytes bytes;
  uint64_t offset_bytes = 0;  // of the first, where they are in place
};

class ChunkReader {
 public:
  ChunkReader(ByteWindow& window, const ParquetColumn& column, const ParquetChunk& chunk,
              const ParquetTarget& target)
      : window_(window),
        column_(column),
        chunk_(chunk),
        decoded_(target.decoded),
        levels_(target.levels),
        at_bytes_(chunk.offset_bytes) {}

  std::expected<std::vector<FieldExtent>, ScanFailure> read() {
    HR_CHECK(levels_ != nullptr || !column_.is_repeated(), "column {}", column_.name);
    HR_CHECK(decoded_ || chunk_.codec == ParquetCodec::none || is_parquet_integer(column_.type),
             "column {}", column_.name);
    while (values_.size() < chunk_.value_count) {
      auto page = next_page();
      if (!page) return std::unexpected(page.error());
      auto taken = page->type == k_dictionary_page ? take_dictionary(*page) : take_data(*page);
      if (!taken) return std::unexpected(taken.error());
    }
    return std::move(values_);
  }

 private:
  using Done = std::expected<void, ScanFailure>;

  std::unexpected<ScanFailure> fail(std::string what) const {
    return std::unexpected(ScanFailure{std::move(what), at_bytes_});
  }
  uint64_t end_bytes() const { return chunk_.offset_bytes + chunk_.length_bytes; }

  std::expected<Page, ScanFailure> next_page() {
    const uint64_t left = end_bytes() - at_bytes_;
    std::expected<ThriftStruct, const char*> header = std::unexpected("it is cut short");
    for (const uint64_t most : {k_page_header_bytes, k_long_header_bytes}) {
      const auto bytes = window_.at(at_bytes_, std::min(left, most));
      if (!bytes) return std::unexpected(bytes.error());
      header = parse_thrift(*bytes);
      if (header || left <= most) break;
    }
    if (!header) {
      return fail(fmt::format("a page of column {}: {}", column_.name, header.error()));
    }
    const int64_t stored = header->value.integer_or(3, -1), plain = header->value.integer_or(2, -1);
    if (stored < 0 || plain < 0 || static_cast<uint64_t>(stored) > left - header->size_bytes) {
      return fail(fmt::format("a page of column {} leaves it", column_.name));
    }
    Page page{.type = header->value.integer_or(1, -1),
              .facts = {},
              .body_offset_bytes = at_bytes_ + header->size_bytes,
              .body_bytes = static_cast<uint64_t>(stored),
              .plain_bytes = static_cast<uint64_t>(plain)};
    const int16_t facts_id = page.type == k_data_page         ? 5
                             : page.type == k_dictionary_page ? 7
                             : page.type == k_data_page_v2    ? 8
                                                              : 0;
    const ThriftValue* facts = header->value.field(facts_id);
    if (facts == nullptr && page.type != k_index_page) {
      return fail(fmt::format("a page of column {} has the type {}", column_.name, page.type));
    }
    if (facts != nullptr) page.facts = *facts;
    if (const ThriftValue* said = header->value.field(4)) {
      const auto body = window_.at(page.body_offset_bytes, page.body_bytes);
      if (!body) return std::unexpected(body.error());
      if (crc32(*body) != static_cast<uint32_t>(said->integer)) {
        return fail(fmt::format("the checksum of a page of column {} differs", column_.name));
      }
    }
    at_bytes_ = page.body_offset_bytes + page.body_bytes;
    return page;
  }

  // The body behind its first `skipped` bytes, which are never compressed.
  std::expected<Body, ScanFailure> body_of(const Page& page, uint64_t skipped, bool compressed) {
    const auto stored = window_.at(page.body_offset_bytes, page.body_bytes);
    if (!stored) return std::unexpected(stored.error());
    const Bytes bytes = stored->subspan(skipped);
    if (!compressed && decoded_ == nullptr) {
      return Body{.owned = {}, .bytes = bytes, .offset_bytes = page.body_offset_bytes + skipped};
    }
    const uint64_t plain_bytes = compressed ? page.plain_bytes - skipped : bytes.size();
    if (page.plain_bytes < skipped) return cut_short();
    Body body;
    std::vector<std::byte>& room = decoded_ == nullptr ? body.owned : *decoded_;
    body.offset_bytes = room.size();
    if (plain_bytes > k_decoded_limit_bytes - room.size()) {
      return fail(fmt::format("column {} of a row group has over {} bytes", column_.name,
                              k_decoded_limit_bytes));
    }
    if (auto fits = check_size(bytes, plain_bytes, compressed); !fits) {
      return std::unexpected(fits.error());
    }
    room.resize(room.size() + plain_bytes);
    const auto target = std::span(room).last(plain_bytes);
    if (!bytes.empty() || plain_bytes > 0) {  // of nulls alone, a page may be empty
      const auto done =
          decompressor_.run(compressed ? *kind_of(chunk_.codec) : codec::Kind::none, bytes, target);
      if (!done) return fail(fmt::format("a page of column {}: {}", column_.name, done.error()));
    }
    body.bytes = target;
    return body;
  }

  // Before room is made for what a page says that it holds.
  Done check_size(Bytes bytes, uint64_t plain_bytes, bool compressed) const {
    if (!compressed) return {};
    const auto kind = kind_of(chunk_.codec);
    if (!kind) {
      return fail(
          fmt::format("column {} is compressed by {}, which is not read; write the file "
                      "again by snappy, zstd, gzip or lz4_raw",
                      column_.name, name_of(chunk_.codec)));
    }
    const auto stated = codec::announced_bytes(*kind, bytes);
    if (plain_bytes <= k_page_limit_bytes && stated.value_or(plain_bytes) == plain_bytes) return {};
    return fail(fmt::format("a page of column {} cannot hold {} bytes", column_.name, plain_bytes));
  }

  Done take_dictionary(const Page& page) {
    const int64_t count = page.facts.integer_or(1, -1);
    const auto body = body_of(page, 0, chunk_.codec != ParquetCodec::none);
    if (!body) return std::unexpected(body.error());
    dictionary_.clear();
    if (count >= 0 && take_plain(*body, static_cast<uint64_t>(count), dictionary_)) return {};
    return fail(fmt::format("the dictionary of column {} is cut short", column_.name));
  }

  Done take_data(const Page& page) {
    if (page.type == k_index_page) return {};
    const int64_t count = page.facts.integer_or(1, -1);
    if (count < 0 || static_cast<uint64_t>(count) > chunk_.value_count - values_.size()) {
      return fail(fmt::format("a page of column {} has {} values", column_.name, count));
    }
    const auto rows = static_cast<uint64_t>(count);
    return page.type == k_data_page ? take_first_version(page, rows)
                                    : take_second_version(page, rows);
  }

  struct Coded {
    uint64_t row_count = 0;  // of lists: of elements
    int64_t encoding = 0;
    Bytes repetition = {}, definition = {};
  };
  Done take_first_version(const Page& page, uint64_t rows) {
    auto body = body_of(page, 0, chunk_.codec != ParquetCodec::none);
    if (!body) return std::unexpected(body.error());
    Coded coded{.row_count = rows, .encoding = page.facts.integer_or(2, -1)};
    if (column_.is_repeated() && !take_sized(*body, coded.repetition)) return cut_short();
    if (column_.level_max > 0 && !take_sized(*body, coded.definition)) return cut_short();
    return take_rows(coded, *body);
  }

  // Levels stand before the values, their size before them.
  static bool take_sized(Body& body, Bytes& levels) {
    const uint64_t size = body.bytes.size() < 4 ? UINT64_MAX : load_le<uint32_t>(body.bytes.data());
    if (size == UINT64_MAX || size > body.bytes.size() - 4) return false;
    levels = body.bytes.subspan(4, size);
    body.bytes = body.bytes.subspan(4 + size);
    body.offset_bytes += 4 + size;
    return true;
  }

  Done take_second_version(const Page& page, uint64_t rows) {
    const int64_t repetition_bytes = page.facts.integer_or(6, 0);
    const int64_t levels_bytes = page.facts.integer_or(5, 0) + repetition_bytes;
    if (repetition_bytes < 0 || (repetition_bytes > 0 && !column_.is_repeated()) ||
        levels_bytes < repetition_bytes || static_cast<uint64_t>(levels_bytes) > page.body_bytes) {
      return cut_short();
    }
    const auto skipped = static_cast<uint64_t>(levels_bytes);
    const auto stored = window_.at(page.body_offset_bytes, skipped);
    if (!stored) return std::unexpected(stored.error());
    const std::vector<std::byte> levels(stored->begin(), stored->end());
    const bool compressed = chunk_.codec != ParquetCodec::none && page.facts.integer_or(7, 1) != 0;
    const auto body = body_of(page, skipped, compressed);
    if (!body) return std::unexpected(body.error());
    const auto split_at = static_cast<size_t>(repetition_bytes);
    return take_rows({.row_count = rows,
                      .encoding = page.facts.integer_or(4, -1),
                      .repetition = Bytes(levels).first(split_at),
                      .definition = Bytes(levels).subspan(split_at)},
                     *body);
  }

  Done take_rows(const Coded& coded, const Body& body) {
    const uint64_t rows = coded.row_count;
    std::vector<uint32_t> present;  // levels; none = all are there
    uint64_t value_count = rows;
    if (column_.level_max > 0) {
      const auto width = static_cast<unsigned>(std::bit_width(column_.level_max));
      auto decoded = decode_parquet_levels(coded.definition, width, rows);
      if (!decoded) return cut_short();
      present = std::move(*decoded);
      value_count = static_cast<uint64_t>(std::ranges::count(present, column_.level_max));
    }
    if (column_.is_repeated()) {
      const auto width = static_cast<unsigned>(std::bit_width(column_.list_levels.size()));
      const auto decoded = decode_parquet_levels(coded.repetition, width, rows);
      if (!decoded) return cut_short();
      levels_->repetition.insert(levels_->repetition.end(), decoded->begin(), decoded->end());
      levels_->definition.insert(levels_->definition.end(), present.begin(), present.end());
    }
    std::vector<FieldExtent> found;
    if (coded.encoding == k_plain) {
      if (!take_plain(body, value_count, found)) return cut_short();
    } else if (coded.encoding == k_rle && column_.type == ParquetType::boolean) {
      if (!take_boolean_runs(body.bytes, value_count, found)) return cut_short();
    } else if (coded.encoding == k_rle_dictionary || coded.encoding == k_plain_dictionary) {
      if (!take_indexes(body.bytes, value_count, found)) return cut_short();
    } else {
      return fail(
          fmt::format("column {} has the encoding {}, which is not read; write it plain or "
                      "by dictionary",
                      column_.name, coded.encoding));
    }
    auto next = found.begin();
    for (uint64_t row = 0; row < rows; ++row) {
      const bool here = present.empty() || present[row] == column_.level_max;
      values_.push_back(here ? *next++ : FieldExtent{});
    }
    return {};
  }
  std::unexpected<ScanFailure> cut_short() const {
    return fail(fmt::format("a page of column {} is cut short", column_.name));
  }

  bool take_indexes(Bytes bytes, uint64_t count, std::vector<FieldExtent>& found) const {
    if (count == 0) return true;
    if (bytes.empty() || static_cast<unsigned>(bytes[0]) > 32) return false;
    const auto indexes =
        decode_parquet_levels(bytes.subspan(1), static_cast<unsigned>(bytes[0]), count);
    if (!indexes) return false;
    for (const uint32_t index : *indexes) {
      if (index >= dictionary_.size()) return false;
      found.push_back(dictionary_[index]);
    }
    return true;
  }

  bool take_plain(const Body& body, uint64_t count, std::vector<FieldExtent>& found) const {
    Bytes left = body.bytes;
    if (column_.type == ParquetType::boolean) return take_booleans(left, count, found);
    for (uint64_t i = 0; i < count; ++i) {
      uint64_t size = fixed_size();
      if (column_.type == ParquetType::bytes) {
        if (left.size() < 4) return false;
        size = load_le<uint32_t>(left.data());
        left = left.subspan(4);
      }
      if (size > left.size()) return false;
      const auto within = static_cast<uint64_t>(left.data() - body.bytes.data());
      found.push_back(value_at(left.first(size), body.offset_bytes + within));
      left = left.subspan(size);
    }
    return true;
  }

  // Of pages of the second version: a length, then runs of one bit.
  static bool take_boolean_runs(Bytes bytes, uint64_t count, std::vector<FieldExtent>& found) {
    if (bytes.size() < 4) return count == 0;
    const auto bits = decode_parquet_levels(bytes.subspan(4), 1, count);
    if (!bits) return false;
    for (const uint32_t bit : *bits) {
      found.push_back({.offset_bytes = bit, .length_bytes = k_inline});
    }
    return true;
  }

  static bool take_booleans(Bytes bits, uint64_t count, std::vector<FieldExtent>& found) {
    if (count > 8 * bits.size()) return false;
    for (uint64_t i = 0; i < count; ++i) {
      const auto byte = static_cast<unsigned>(bits[i / 8]);
      found.push_back({.offset_bytes = byte >> (i % 8) & 1, .length_bytes = k_inline});
    }
    return true;
  }

  uint64_t fixed_size() const {
    switch (column_.type) {
      case ParquetType::int32:
      case ParquetType::float32:
        return 4;
      case ParquetType::int96:
        return 12;
      case ParquetType::fixed_bytes:
        return column_.fixed_bytes;
      default:
        return 8;
    }
  }

  FieldExtent value_at(Bytes bytes, uint64_t offset_bytes) const {
    if (column_.type == ParquetType::int64) {
      return {.offset_bytes = load_le<uint64_t>(bytes.data()), .length_bytes = k_inline};
    }
    if (column_.type == ParquetType::int32) {
      const auto wide = static_cast<int64_t>(load_le<int32_t>(bytes.data()));
      return {.offset_bytes = static_cast<uint64_t>(wide), .length_bytes = k_inline};
    }
    const uint64_t checksum = decoded_ == nullptr ? xxh3(bytes) : 0;
    return {.offset_bytes = offset_bytes, .length_bytes = bytes.size(), .checksum = checksum};
  }

  ByteWindow& window_;
  const ParquetColumn& column_;
  const ParquetChunk& chunk_;
  std::vector<std::byte>* decoded_;  // where values go; null = they are read in place
  ParquetLevels* levels_;
  uint64_t at_bytes_;
  codec::Decompressor decompressor_;
  std::vector<FieldExtent> dictionary_;
  std::vector<FieldExtent> values_;
};

}  // namespace

bool is_parquet_integer(ParquetType type) {
  return type == ParquetType::int32 || type == ParquetType::int64 || type == ParquetType::boolean;
}

std::expected<std::vector<FieldExtent>, ScanFailure> read_parquet_chunk(
    ByteWindow& window, const ParquetColumn& column, const ParquetChunk& chunk,
    const ParquetTarget& target) {
  return ChunkReader(window, column, chunk, target).read();
}

}  // namespace headrace::formats
