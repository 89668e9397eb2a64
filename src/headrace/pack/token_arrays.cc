// Piece by piece: read, convert, cut at document ends, append.
#include "headrace/pack/token_arrays.h"

#include <fcntl.h>

#include <algorithm>
#include <array>
#include <utility>

#include "headrace/base/endian.h"
#include "headrace/base/error.h"
#include "headrace/formats/npy.h"
#include "headrace/formats/token_writer.h"

namespace headrace::pack {
namespace {

using formats::TokenType;

constexpr size_t k_piece_bytes = 1 << 20;

// What a stored number is; Megatron has no type of its own for some.
struct Stored {
  std::string_view name, numpy;
  size_t bytes;
  bool is_signed;
  TokenType written_as;
};
constexpr std::array<Stored, 8> k_stored = {{{"uint8", "|u1", 1, false, TokenType::uint8},
                                             {"int8", "|i1", 1, true, TokenType::int8},
                                             {"uint16", "<u2", 2, false, TokenType::uint16},
                                             {"int16", "<i2", 2, true, TokenType::int16},
                                             {"uint32", "<u4", 4, false, TokenType::int32},
                                             {"int32", "<i4", 4, true, TokenType::int32},
                                             {"uint64", "<u8", 8, false, TokenType::int64},
                                             {"int64", "<i8", 8, true, TokenType::int64}}};

[[noreturn]] void refuse(const std::string& path, std::string cause, std::string hint,
                         std::optional<uint64_t> offset_bytes = {}) {
  throw Error({.code = Code::invalid_argument,
               .action = "cannot pack tokens of",
               .object = path,
               .offset_bytes = offset_bytes,
               .cause = std::move(cause),
               .hint = std::move(hint)});
}

struct Array {
  std::string path;
  const Stored* stored = nullptr;
  uint64_t begin_bytes = 0, end_bytes = 0;
  uint64_t row_tokens = 0;  // a document's; 0 = not in rows
};

std::vector<std::byte> read_piece(Files& files, int fd, const Array& array, uint64_t offset_bytes) {
  std::vector<std::byte> piece(std::min<uint64_t>(k_piece_bytes, array.end_bytes - offset_bytes));
  const auto moved = files.read_at(fd, piece, offset_bytes);
  if (!moved) throw_errno(moved.error(), "cannot read", array.path, offset_bytes);
  if (*moved < piece.size()) {
    refuse(array.path, "it became shorter while it was read", "pack it when nobody writes it",
           offset_bytes + *moved);
  }
  return piece;
}

void describe_npy(Array& array, std::span<const std::byte> begin) {
  const auto head = formats::parse_npy_head(begin);
  if (!head) refuse(array.path, head.error(), "write it with numpy.save");
  const auto stored = std::ranges::find(k_stored, head->type, &Stored::numpy);
  if (stored == k_stored.end()) {
    refuse(array.path, fmt::format("its elements are {}", head->type),
           "tokens are whole numbers, little-endian: array.astype(\"uint16\")");
  }
  const size_t dimensions = head->shape.size();
  if (dimensions == 0 || dimensions > 2 || (dimensions == 2 && head->column_major)) {
    refuse(array.path,
           fmt::format("it has {} dimensions{}", dimensions,
                       head->column_major ? ", stored by columns" : ""),
           "one dimension, or rows of tokens: numpy.ascontiguousarray(array)");
  }
  array.stored = &*stored;
  array.begin_bytes = head->data_offset_bytes;
  if (dimensions == 2) array.row_tokens = head->shape[1];
  const uint64_t held = (array.end_bytes - array.begin_bytes) / stored->bytes;
  const uint64_t rows = head->shape[0], columns = dimensions == 2 ? head->shape[1] : 1;
  const bool fits = columns == 0 || rows <= held / columns;
  if (!fits || rows * columns != held) {
    refuse(array.path,
           fmt::format("it holds {} numbers and its head says {}", held,
                       fmt::join(head->shape, " x ")),
           "it is cut short, or not one array", array.end_bytes);
  }
  array.end_bytes = array.begin_bytes + held * stored->bytes;
}

Array describe(const TokenArraysOptions& options, const std::string& path) {
  Files& files = *options.files;
  Array array{.path = path};
  const auto stat = files.stat(path);
  if (!stat) throw_errno(stat.error(), "cannot open", path);
  array.end_bytes = stat->size_bytes;
  if (path.ends_with(".npy")) {
    const auto fd = files.open(path, O_RDONLY);
    if (!fd) throw_errno(fd.error(), "cannot open", path);
    auto begin = read_piece(files, fd->get(), array, 0);
    begin.resize(std::min(begin.size(), formats::k_npy_head_bytes_max));
    describe_npy(array, begin);
    return array;
  }
  const auto stored = std::ranges::find(k_stored, options.raw_type, &Stored::name);
  if (stored == k_stored.end()) {
    refuse(path, "what its numbers are is not said", "--dtype uint16, for example");
  }
  array.stored = &*stored;
  if (array.end_bytes % stored->bytes != 0) {
    refuse(path,
           fmt::format("its {} bytes are no whole number of {}", array.end_bytes, stored->name),
           "another --dtype, or copy it again", array.end_bytes);
  }
  return array;
}

std::vector<Array> arrays_of(const TokenArraysOptions& options) {
  std::vector<std::string> paths = {options.input};
  if (const auto stat = options.files->stat(options.input); stat && stat->is_folder) {
    paths.clear();
    const auto entries = options.files->list(options.input);
    if (!entries) throw_errno(entries.error(), "cannot list", options.input);
    for (const FolderEntry& entry : *entries) {
      const bool is_array = entry.name.ends_with(".npy") || !options.raw_type.empty();
      if (!entry.is_folder && is_array) paths.push_back(options.input + "/" + entry.name);
    }
  }
  if (paths.empty()) {
    refuse(options.input, "the folder has no .npy files", "--dtype takes raw files of numbers too");
  }
  std::vector<Array> arrays;
  for (const std::string& path : paths) arrays.push_back(describe(options, path));
  return arrays;
}

TokenType type_of(const TokenArraysOptions& options, const std::vector<Array>& arrays) {
  if (options.type) return *options.type;
  for (const Array& array : arrays) {
    if (array.stored->written_as == arrays.front().stored->written_as) continue;
    refuse(array.path,
           fmt::format("its numbers are {} where others are {}", array.stored->name,
                       arrays.front().stored->name),
           "say which type all are written as: --token-type int32");
  }
  return arrays.front().stored->written_as;
}

void check_end_token(const TokenArraysOptions& options, TokenType type) {
  const bool is_signed = type != TokenType::uint8 && type != TokenType::uint16;
  const size_t bits = 8 * size_of(type) - (is_signed ? 1 : 0);
  if (!options.end_token || *options.end_token >> bits == 0) return;
  refuse(options.input,
         fmt::format("no {} can be the end token {}", name_of(type), *options.end_token),
         "--token-type int32, or another --end-token");
}

// Index of the first number that `To` cannot hold; otherwise they are in `target`.
template <typename From, typename To>
std::optional<uint64_t> convert(std::span<const std::byte> source, std::vector<std::byte>& target) {
  const uint64_t count = source.size() / sizeof(From);
  target.resize(count * sizeof(To));
  for (uint64_t i = 0; i < count; ++i) {
    const From number = load_le<From>(source.data() + i * sizeof(From));
    if (!std::in_range<To>(number)) return i;
    store_le(target.data() + i * sizeof(To), static_cast<To>(number));
  }
  return std::nullopt;
}

using Convert = std::optional<uint64_t> (*)(std::span<const std::byte>, std::vector<std::byte>&);

template <typename From>
Convert convert_to(TokenType type) {
  switch (type) {
    case TokenType::uint8:
      return convert<From, uint8_t>;
    case TokenType::int8:
      return convert<From, int8_t>;
    case TokenType::int16:
      return convert<From, int16_t>;
    case TokenType::uint16:
      return convert<From, uint16_t>;
    case TokenType::int32:
      return convert<From, int32_t>;
    default:
      return convert<From, int64_t>;
  }
}

Convert converter(const Stored& from, TokenType to) {
  switch (from.bytes) {
    case 1:
      return from.is_signed ? convert_to<int8_t>(to) : convert_to<uint8_t>(to);
    case 2:
      return from.is_signed ? convert_to<int16_t>(to) : convert_to<uint16_t>(to);
    case 4:
      return from.is_signed ? convert_to<int32_t>(to) : convert_to<uint32_t>(to);
    default:
      return from.is_signed ? convert_to<int64_t>(to) : convert_to<uint64_t>(to);
  }
}

// Hands tokens on to the writer, cut where documents end.
class Documents {
 public:
  Documents(formats::TokenWriter& writer, const TokenArraysOptions& options, TokenType type)
      : writer_(writer), end_token_(options.end_token), token_bytes_(size_of(type)) {}

  void begin_array(uint64_t row_tokens) { row_left_ = row_tokens_ = row_tokens; }
  void take(std::span<const std::byte> tokens) {
    while (!tokens.empty()) {
      uint64_t count = tokens.size() / token_bytes_;
      if (row_tokens_ > 0) count = std::min(count, row_left_);
      count = end_token_ ? first_end(tokens, count) : count;
      const auto run = tokens.first(count * token_bytes_);
      writer_.extend(run);
      row_left_ -= row_tokens_ > 0 ? count : 0;
      tokens = tokens.subspan(run.size());
      if (ends_ || (row_tokens_ > 0 && row_left_ == 0)) end();
      if (row_tokens_ > 0 && row_left_ == 0) row_left_ = row_tokens_;
    }
  }
  void end() {
    writer_.end_sequence();
    writer_.end_document();
    ends_ = false;
  }
  void end_array() {
    if (writer_.open_tokens() > 0) end();
  }

 private:
  // One past the first end token of these, or all of them.
  uint64_t first_end(std::span<const std::byte> tokens, uint64_t count) {
    std::array<std::byte, 8> wanted;
    store_le(wanted.data(), *end_token_);
    for (uint64_t i = 0; i < count; ++i) {
      const auto token = tokens.subspan(i * token_bytes_, token_bytes_);
      if (!std::ranges::equal(token, std::span(wanted).first(token_bytes_))) continue;
      ends_ = true;
      return i + 1;
    }
    return count;
  }

  formats::TokenWriter& writer_;
  std::optional<uint64_t> end_token_;
  size_t token_bytes_;
  uint64_t row_tokens_ = 0, row_left_ = 0;
  bool ends_ = false;
};

}  // namespace

PackedTokens pack_token_arrays(const TokenArraysOptions& options,
                               const PackTokensProgress& progress) {
  const std::vector<Array> arrays = arrays_of(options);
  PackedTokens result{.file_count = arrays.size(), .type = type_of(options, arrays)};
  check_end_token(options, result.type);
  uint64_t done_bytes = 0, total_bytes = 0;
  for (const Array& array : arrays) total_bytes += array.end_bytes - array.begin_bytes;
  formats::TokenWriter writer(*options.files, options.output, result.type);
  Documents documents(writer, options, result.type);
  std::vector<std::byte> tokens;
  for (const Array& array : arrays) {
    const auto fd = options.files->open(array.path, O_RDONLY);
    if (!fd) throw_errno(fd.error(), "cannot open", array.path);
    const Convert convert_piece = converter(*array.stored, result.type);
    documents.begin_array(array.row_tokens);
    for (uint64_t offset = array.begin_bytes; offset < array.end_bytes;) {
      if (options.stop.stop_requested()) {
        throw Error(
            {.code = Code::interrupted, .action = "stopped while packing", .object = array.path});
      }
      const auto piece = read_piece(*options.files, fd->get(), array, offset);
      if (const auto bad = convert_piece(piece, tokens)) {
        refuse(array.path, fmt::format("a token is out of the range of {}", name_of(result.type)),
               "--token-type int32 or int64", offset + *bad * array.stored->bytes);
      }
      documents.take(tokens);
      offset += piece.size();
      done_bytes += piece.size();
      if (progress) progress(done_bytes, total_bytes);
    }
    documents.end_array();
  }
  writer.publish();
  result.document_count = writer.document_count();
  result.token_count = writer.token_count();
  return result;
}

}  // namespace headrace::pack
