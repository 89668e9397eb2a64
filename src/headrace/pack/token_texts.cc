// Blocks of texts to threads, their tokens in order to the writer.
#include "headrace/pack/token_texts.h"

#include <algorithm>
#include <charconv>
#include <limits>
#include <mutex>
#include <thread>

#include "headrace/base/error.h"
#include "headrace/base/hash.h"
#include "headrace/pack/json_line.h"
#include "headrace/pack/ordered_work.h"
#include "headrace/pack/token_resume.h"
#include "headrace/text/tokenizer.h"

namespace headrace::pack {
namespace {

using formats::TokenType;

constexpr uint64_t k_text_block_bytes = 4 << 20;
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

// Of all that the files depend on: what was made of something else is not gone on with.
uint64_t fingerprint_of(const TokenTextsOptions& options, const std::vector<TextFile>& texts,
                        TokenType type) {
  const auto tokenizer = read_file(*options.files, options.tokenizer, text::k_tokenizer_bytes_max);
  std::string all =
      fmt::format("1 {} {} {} {} {} {}\n", xxh3(tokenizer), options.key, options.line_is_text,
                  options.special_tokens, options.end_token, name_of(type));
  for (const TextFile& file : texts) {
    all += fmt::format("{} {} {}\n", file.path, file.size_bytes, file.modified_ns);
  }
  return xxh3(all);
}

// The tokens of a block's texts, end to end.
struct BlockTokens {
  size_t file_index = 0;
  TextPlace next = {};
  uint64_t done_bytes = 0;
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

// What threads share: all const but the source, which one at a time reads from, and the scratch
// that is not in use.
class TextsToTokens {
 public:
  TextsToTokens(const TokenTextsOptions& options, const std::vector<TextFile>& files)
      : options_(options),
        files_(files),
        tokenizer_(text::load_tokenizer(*options.files, options.tokenizer)),
        end_id_(end_id_of(options, tokenizer_)),
        type_(type_for(options, tokenizer_.id_end())),
        source_(*options.files, files, k_text_block_bytes) {}
  TokenType type() const { return type_; }
  TextSource& source() { return source_; }

  // Of the block whose turn it is; nothing behind the last.
  std::optional<BlockTokens> tokens_of(uint64_t ticket) {
    TextBlock block;
    if (!take_block(ticket, block)) return std::nullopt;
    source_.load(block);
    std::unique_ptr<Scratch> scratch = take_scratch();
    const TextFile& file = files_[block.begin.file_index];
    BlockTokens tokens{
        .file_index = block.begin.file_index, .next = block.next, .done_bytes = block.done_bytes};
    for_each_text(file, block, [&](std::string_view text, uint64_t offset_bytes) {
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
    throw Error({.code = Code::interrupted,
                 .action = "stopped while packing",
                 .object = file.path,
                 .hint = "the same command goes on from what was last saved, if anything was"});
  }

 private:
  struct Scratch {
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

  bool take_block(uint64_t ticket, TextBlock& block) {
    std::unique_lock lock(source_mutex_);
    turn_.wait(lock, [&] { return ticket == ticket_; });
    ++ticket_;
    // So also for the others where next() throws.
    const bool was_over = std::exchange(is_over_, true);
    turn_.notify_all();
    is_over_ = was_over || !source_.next(block);
    return !is_over_;
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

  void append(std::string_view text, text::TokenizerScratch& scratch, BlockTokens& tokens) const {
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
  const text::Tokenizer tokenizer_;
  const std::optional<uint32_t> end_id_;
  const TokenType type_;
  std::mutex source_mutex_;  // guards the next four
  std::condition_variable turn_;
  TextSource source_;
  uint64_t ticket_ = 0;  // whose turn it is
  bool is_over_ = false;
  std::mutex mutex_;  // guards spare_
  std::vector<std::unique_ptr<Scratch>> spare_;
};

void write_texts(const BlockTokens& tokens, formats::TokenWriter& writer, size_t token_bytes) {
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
  uint64_t saved_at_bytes = 0, total_bytes = 0;
  for (const TextFile& file : files) total_bytes += file.size_bytes;
  TextsToTokens texts(options, files);
  const uint64_t of = fingerprint_of(options, files, texts.type());
  const auto resume = find_resume(*options.files, options.output, of);
  if (resume) {
    texts.source().skip_to(resume->place);
  } else {
    remove_resume(*options.files, options.output);  // of the files that are written over now
  }
  formats::TokenWriter writer(*options.files, options.output, texts.type(),
                              resume.value_or(TokenResume{}).written);
  const size_t jobs =
      options.job_count > 0 ? options.job_count : std::max(1U, std::thread::hardware_concurrency());
  OrderedWork<std::optional<BlockTokens>> work(
      {.job_count = jobs, .window_count = 2 * jobs, .ticket_count = UINT64_MAX},
      [&](uint64_t ticket) { return texts.tokens_of(ticket); });
  while (const auto tokens = work.take()) {
    if (options.stop.stop_requested()) TextsToTokens::stopped(files[tokens->file_index]);
    write_texts(*tokens, writer, size_of(texts.type()));
    if (tokens->done_bytes - saved_at_bytes >= options.save_bytes) {
      write_resume(*options.files, options.output,
                   {.place = tokens->next, .written = writer.save(), .of = of});
      saved_at_bytes = tokens->done_bytes;
    }
    if (progress) progress(tokens->done_bytes, total_bytes);
  }
  writer.publish();
  remove_resume(*options.files, options.output);
  return {.file_count = files.size(),
          .document_count = writer.document_count(),
          .token_count = writer.token_count(),
          .type = texts.type()};
}

}  // namespace headrace::pack
