// The model is protobuf, sentencepiece_model.proto: pieces = 1, trainer = 2, normalizer = 3.
// Hostile input: every field's type and range is checked, and what is not supported is refused by
// its name.
#include <bit>
#include <cmath>
#include <unordered_set>

#include "headrace/base/endian.h"
#include "headrace/base/error.h"
#include "headrace/base/protobuf_wire.h"
#include "headrace/text/sentencepiece.h"

namespace headrace::text {
namespace {

using WireBytes = std::span<const std::byte>;

constexpr size_t k_piece_bytes_max = 4096;
constexpr size_t k_piece_count_max = size_t{1} << 24;

class ModelReader {
 public:
  explicit ModelReader(const std::string& name) : name_(name) {}

  PieceParts read(WireBytes model) {
    each(model, [&](const WireField& field) {
      if (field.number == 1) read_piece(bytes_of(field));
      if (field.number == 2) read_trainer(bytes_of(field));
      if (field.number == 3) read_normalizer(bytes_of(field));
    });
    check_pieces();
    return std::move(parts_);
  }

 private:
  template <typename Visit>
  void each(WireBytes message, Visit visit) const {
    WireReader reader(message);
    while (true) {
      const auto field = reader.next();
      if (!field) refuse(field.error());
      if (!*field) return;
      visit(**field);
    }
  }
  WireBytes bytes_of(const WireField& field) const {
    if (field.type != WireField::Type::bytes) refuse("a message has a number where it wants bytes");
    return field.bytes;
  }
  uint64_t number_of(const WireField& field) const {
    if (field.type != WireField::Type::varint) refuse("a field that is a number has another type");
    return field.value;
  }

  void read_piece(WireBytes message) {
    Piece piece;
    each(message, [&](const WireField& field) {
      if (field.number == 1) {
        const WireBytes text = bytes_of(field);
        piece.text.assign(reinterpret_cast<const char*>(text.data()), text.size());
      } else if (field.number == 2) {
        if (field.type != WireField::Type::fixed32) refuse("a score has another type");
        piece.score = std::bit_cast<float>(load_le<uint32_t>(field.bytes.data()));
      } else if (field.number == 3) {
        const uint64_t type = number_of(field);
        if (type < 1 || type > 6) refuse(fmt::format("a piece has the type {}", type));
        piece.type = static_cast<PieceType>(type);
      }
    });
    if (piece.text.empty() || piece.text.size() > k_piece_bytes_max ||
        !std::isfinite(piece.score)) {
      refuse(fmt::format("piece {} is empty, longer than {} bytes, or has no score",
                         parts_.pieces.size(), k_piece_bytes_max));
    }
    parts_.pieces.push_back(std::move(piece));
    if (parts_.pieces.size() > k_piece_count_max) refuse("it has too many pieces");
  }

  void read_trainer(WireBytes message) {
    each(message, [&](const WireField& field) {
      if (field.number == 3) {
        const uint64_t type = number_of(field);
        if (type != 1 && type != 2) {
          throw_error(Code::unsupported,
                      fmt::format("its model type is {}", type == 3   ? "word"
                                                          : type == 4 ? "char"
                                                                      : "none that is known"),
                      "supported: unigram and bpe; docs/text.md lists all");
        }
        parts_.kind = type == 1 ? PieceParts::Kind::unigram : PieceParts::Kind::bpe;
      }
      if (field.number == 24) parts_.normalizer.treats_space_as_suffix = number_of(field) != 0;
      if (field.number == 35) parts_.falls_back_to_bytes = number_of(field) != 0;
    });
  }

  void read_normalizer(WireBytes message) {
    NormalizerParts& normalizer = parts_.normalizer;
    each(message, [&](const WireField& field) {
      if (field.number == 2) read_table(bytes_of(field));
      if (field.number == 3) normalizer.adds_prefix = number_of(field) != 0;
      if (field.number == 4) normalizer.removes_extra_spaces = number_of(field) != 0;
      if (field.number == 5) normalizer.escapes_spaces = number_of(field) != 0;
    });
  }

  // The size of a trie, the trie, and what its values point into.
  void read_table(WireBytes table) {
    if (table.empty()) return;
    const uint64_t trie_bytes = table.size() < 4 ? UINT64_MAX : load_le<uint32_t>(table.data());
    if (trie_bytes > table.size() - std::min<size_t>(table.size(), 4) || trie_bytes % 4 != 0) {
      refuse("its table of characters is cut short");
    }
    NormalizerParts& normalizer = parts_.normalizer;
    normalizer.units.resize(trie_bytes / 4);
    for (size_t i = 0; i < normalizer.units.size(); ++i) {
      normalizer.units[i] = load_le<uint32_t>(table.data() + 4 + 4 * i);
    }
    const WireBytes targets = table.subspan(4 + trie_bytes);
    normalizer.targets.assign(reinterpret_cast<const char*>(targets.data()), targets.size());
    if (!normalizer.targets.ends_with('\0')) normalizer.targets += '\0';
  }

  void check_pieces() const {
    std::unordered_set<std::string_view> seen;
    size_t unknown_count = 0, byte_count = 0;
    for (const Piece& piece : parts_.pieces) {
      if (!seen.insert(piece.text).second) refuse(fmt::format("two pieces are \"{}\"", piece.text));
      unknown_count += piece.type == PieceType::unknown;
      if (piece.type != PieceType::byte) continue;
      ++byte_count;
      if (!is_byte_name(piece.text)) refuse(fmt::format("\"{}\" is no byte", piece.text));
    }
    if (unknown_count != 1) refuse("it has no piece for what is unknown, or several");
    if (parts_.falls_back_to_bytes ? byte_count != 256 : byte_count != 0) {
      refuse(fmt::format("it has pieces for {} of the 256 bytes", byte_count));
    }
  }

  // "<0x0A>": names differ, so that 256 of them are all bytes.
  static bool is_byte_name(std::string_view name) {
    constexpr std::string_view k_digits = "0123456789ABCDEF";
    return name.size() == 6 && name.starts_with("<0x") && name[5] == '>' &&
           k_digits.contains(name[3]) && k_digits.contains(name[4]);
  }

  [[noreturn]] void refuse(std::string cause) const {
    throw_error(Code::corrupt, std::move(cause), "a .model as sentencepiece writes it");
  }
  [[noreturn]] void throw_error(Code code, std::string cause, std::string hint) const {
    throw Error({.code = code,
                 .action = "cannot read tokenizer",
                 .object = name_,
                 .cause = std::move(cause),
                 .hint = std::move(hint)});
  }

  const std::string& name_;
  PieceParts parts_;
};

}  // namespace

bool looks_like_sentencepiece(std::string_view bytes) { return bytes.starts_with('\x0a'); }

SentencePiece parse_sentencepiece(std::string_view bytes, const std::string& name) {
  return SentencePiece(ModelReader(name).read(std::as_bytes(std::span(bytes))));
}

}  // namespace headrace::text
