// Pieces of files to threads, their tokens in order to the writer.
#include "headrace/pack/token_texts.h"

#include <algorithm>
#include <charconv>
#include <limits>
#include <mutex>
#include <thread>

#include "headrace/base/error.h"
#include "headrace/formats/token_writer.h"
#include "headrace/pack/json_line.h"
#include "headrace/pack/ordered_work.h"
#include "headrace/pack/text_pieces.h"
#include "headrace/text/tokenizer.h"

namespace headrace::pack {
namespace {

using formats::TokenType;

constexpr uint64_t k_text_piece_bytes = 4 << 20;
// Megatron's own limit for uint16 (`DType.optimal_dtype`).
constexpr uint64_t k_uint16_below = 65500;

[[noreturn]] void refuse_tokenizer(const std::string& path, std::string cause, std::string hint) {
  throw Error({.code = Code::invalid_argument,
               .action = "cannot make tokens with",
               .object = path,
               .cause = std::move(cause),
               .hint = std::move(hint)});
}

std::optional<uint32_t> end_id_of(const TokenTextsOptions& options,
                                  const text::Tokenizer& tokenizer) {
  const std::string& name = options.end_token;
  if (name.empty()) return std::nullopt;
  uint32_t number = 0;
  const char* const end = name.data() + name.size();
  const auto [behind, failure] = std::from_chars(name.data(), end, number);
  const bool is_number = failure == std::errc() && behind == end;
  const auto id = is_number ? std::optional(number) : tokenizer.id_of(name);
  if (id && *id < tokenizer.id_end()) return id;
  refuse_tokenizer(options.tokenizer, fmt::format("it has no token {}", name),
                   "--end-token \"<|endoftext|>\" for example, or the number of a token");
}

uint64_t most_of(TokenType type) {
  switch (type) {
    case TokenType::uint8:
      return std::numeric_limits<uint8_t>::max();
    case TokenType::int8:
      return std::numeric_limits<int8_t>::max();
    case TokenType::uint16:
      return std::numeric_limits<uint16_t>::max();
    case TokenType::int16:
      return std::numeric_limits<int16_t>::max();
    default:
      return std::numeric_limits<int32_t>::max();
  }
}

TokenType type_for(const TokenTextsOptions& options, uint32_t id_end) {
  const TokenType type =
      options.type.value_or(id_end < k_uint16_below ? TokenType::uint16 : TokenType::int32);
  if (id_end == 0 || id_end - 1 <= most_of(type)) return type;
  refuse_tokenizer(
      options.tokenizer,
      fmt::format("its tokens go to {}, {} to {}", id_end - 1, name_of(type), most_of(type)),
      "--token-type int32");
}

// The tokens of a piece's texts, end to end.
struct PieceTokens {
  std::vector<std::byte> bytes = {};
  std::vector<uint32_t> counts = {};  // a text
};

template <typename Token>
void append_ids(std::span<const uint32_t> ids, std::vector<std::byte>& bytes) {
  const size_t held = bytes.size();
  bytes.resize(held + ids.size() * sizeof(Token));
  std::byte* target = bytes.data() + held;
  for (const uint32_t id : ids) {
    const auto token = static_cast<Token>(id);
    std::memcpy(target, &token, sizeof(Token));
    target += sizeof(Token);
  }
}

// What threads share: all const but the scratch that is not in use.
class TextsToTokens {
 public:
  TextsToTokens(const TokenTextsOptions& options, const std::vector<TextFile>& files,
                const std::vector<TextPiece>& pieces)
      : options_(options),
        files_(files),
        pieces_(pieces),
        tokenizer_(text::load_tokenizer(*options.files, options.tokenizer)),
        end_id_(end_id_of(options, tokenizer_)),
        type_(type_for(options, tokenizer_.id_end())) {}
  TokenType type() const { return type_; }

  PieceTokens tokens_of(uint64_t piece_index) {
    std::unique_ptr<Scratch> scratch = take_scratch();
    const TextPiece& piece = pieces_[piece_index];
    const TextFile& file = files_[piece.file_index];
    PieceTokens tokens;
    for_each_text(*options_.files, file, piece, scratch->buffer,
                  [&](std::string_view text, uint64_t offset_bytes) {
                    if (options_.stop.stop_requested()) stopped(file);
                    if (file.texts == TextFile::Texts::a_json_line) {
                      text = json_text(file, text, offset_bytes, scratch->json);
                    }
                    append(text, scratch->tokenizer, tokens);
                  });
    const std::scoped_lock lock(mutex_);
    spare_.push_back(std::move(scratch));
    return tokens;
  }
  [[noreturn]] static void stopped(const TextFile& file) {
    throw Error(
        {.code = Code::interrupted, .action = "stopped while packing", .object = file.path});
  }

 private:
  struct Scratch {
    std::string buffer = {};
    JsonLine json;
    text::TokenizerScratch tokenizer = {};
  };

  std::unique_ptr<Scratch> take_scratch() {
    {
      const std::scoped_lock lock(mutex_);
      if (!spare_.empty()) {
        std::unique_ptr<Scratch> scratch = std::move(spare_.back());
        spare_.pop_back();
        return scratch;
      }
    }
    return std::make_unique<Scratch>(Scratch{.json = JsonLine(options_.key)});
  }

  static std::string_view json_text(const TextFile& file, std::string_view line,
                                    uint64_t offset_bytes, JsonLine& json) {
    const auto text = json.text_of(line);
    if (text) return *text;
    throw Error({.code = Code::corrupt,
                 .action = "cannot read a line of",
                 .object = file.path,
                 .offset_bytes = offset_bytes + text.error().at_byte,
                 .cause = text.error().cause,
                 .hint = "each line is an object; --text-key names the key of its text"});
  }

  void append(std::string_view text, text::TokenizerScratch& scratch, PieceTokens& tokens) const {
    const auto ids =
        tokenizer_.encode(text, {.add_special_tokens = options_.special_tokens}, scratch);
    const bool has_end = end_id_ && !ids.empty();
    append_as(ids, tokens.bytes);
    if (has_end) append_as(std::span(&*end_id_, 1), tokens.bytes);
    tokens.counts.push_back(static_cast<uint32_t>(ids.size() + (has_end ? 1 : 0)));
  }
  void append_as(std::span<const uint32_t> ids, std::vector<std::byte>& bytes) const {
    switch (size_of(type_)) {
      case 1:
        return append_ids<uint8_t>(ids, bytes);
      case 2:
        return append_ids<uint16_t>(ids, bytes);
      case 4:
        return append_ids<uint32_t>(ids, bytes);
      default:
        return append_ids<uint64_t>(ids, bytes);
    }
  }

  const TokenTextsOptions& options_;
  const std::vector<TextFile>& files_;
  const std::vector<TextPiece>& pieces_;
  const text::Tokenizer tokenizer_;
  const std::optional<uint32_t> end_id_;
  const TokenType type_;
  std::mutex mutex_;  // guards spare_
  std::vector<std::unique_ptr<Scratch>> spare_;
};

void write_texts(const PieceTokens& tokens, formats::TokenWriter& writer, size_t token_bytes) {
  std::span<const std::byte> left(tokens.bytes);
  for (const uint32_t count : tokens.counts) {
    if (count > 0) writer.append(left.first(count * token_bytes));
    left = left.subspan(count * token_bytes);
    writer.end_document();
  }
}

}  // namespace

PackedTokens pack_token_texts(const TokenTextsOptions& options,
                              const PackTokensProgress& progress) {
  const auto files = text_files(*options.files, options.input, options.line_is_text);
  const auto pieces = text_pieces(files, k_text_piece_bytes);
  uint64_t done_bytes = 0, total_bytes = 0;
  for (const TextFile& file : files) total_bytes += file.size_bytes;
  TextsToTokens texts(options, files, pieces);
  formats::TokenWriter writer(*options.files, options.output, texts.type());
  const size_t jobs =
      options.job_count > 0 ? options.job_count : std::max(1U, std::thread::hardware_concurrency());
  OrderedWork<PieceTokens> work(
      {.job_count = jobs, .window_count = 2 * jobs, .ticket_count = pieces.size()},
      [&](uint64_t piece_index) { return texts.tokens_of(piece_index); });
  for (const TextPiece& piece : pieces) {
    if (options.stop.stop_requested()) TextsToTokens::stopped(files[piece.file_index]);
    write_texts(work.take(), writer, size_of(texts.type()));
    done_bytes += piece.end_bytes - piece.begin_bytes;
    if (progress) progress(done_bytes, total_bytes);
  }
  writer.publish();
  return {.file_count = files.size(),
          .document_count = writer.document_count(),
          .token_count = writer.token_count(),
          .type = texts.type()};
}

}  // namespace headrace::pack
