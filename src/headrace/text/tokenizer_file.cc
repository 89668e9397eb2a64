// tokenizer.json to TokenizerParts. Hostile input: every type, range and name is checked, and what
// is asked for and not supported is refused by its name.
#include <nlohmann/json.hpp>

#include "headrace/base/error.h"
#include "headrace/text/byte_alphabet.h"
#include "headrace/text/tokenizer.h"

namespace headrace::text {
namespace {

using nlohmann::json;

constexpr size_t k_added_bytes_max = 1024;  // of one token: the trie is built as deep
constexpr size_t k_around_count_max = 1024;

class Reader {
 public:
  explicit Reader(const std::string& name) : name_(name) {}
  TokenizerParts read(const json& root) const;

 private:
  [[noreturn]] void refuse(std::string cause, std::string hint = {},
                           Code code = Code::corrupt) const;
  [[noreturn]] void refuse_feature(const std::string& what, const std::string& supported) const;
  // A part of an object, null where it is absent.
  const json& part(const json& object, const char* key) const;
  std::string text_at(const json& object, const char* key) const;
  bool flag_at(const json& object, const char* key, bool otherwise) const;
  uint32_t id_at(const json& value) const;
  std::string type_of(const json& object) const;

  void read_model(const json& model, TokenizerParts& parts) const;
  void check_model(const json& model, const Vocabulary& vocabulary) const;
  void read_merges(const json& merges, Vocabulary& vocabulary) const;
  void read_normalizer(const json& normalizer, TokenizerParts& parts) const;
  void read_pre_tokenizer(const json& pre_tokenizer, TokenizerParts& parts) const;
  Style read_split(const json& split) const;
  void read_byte_level(const json& byte_level, bool is_alone, TokenizerParts& parts) const;
  void read_added(const json& tokens, TokenizerParts& parts) const;
  void read_post_processor(const json& processor, TokenizerParts& parts) const;
  void read_template(const json& processor, TokenizerParts& parts) const;

  const std::string& name_;
};

TokenizerParts Reader::read(const json& root) const {
  if (!root.is_object()) refuse("it is no JSON object");
  TokenizerParts parts;
  read_model(part(root, "model"), parts);
  read_normalizer(part(root, "normalizer"), parts);
  read_pre_tokenizer(part(root, "pre_tokenizer"), parts);
  read_added(part(root, "added_tokens"), parts);
  read_post_processor(part(root, "post_processor"), parts);
  return parts;
}

void Reader::read_model(const json& model, TokenizerParts& parts) const {
  if (!model.is_object()) refuse("it has no \"model\"");
  const std::string type = model.contains("type") ? type_of(model) : "BPE";
  if (type != "BPE") refuse_feature(fmt::format("model \"{}\"", type), "\"BPE\", byte-level");
  const json& vocabulary = part(model, "vocab");
  if (!vocabulary.is_object()) refuse("\"model.vocab\" is no object");
  std::vector<Vocabulary::Token> tokens;
  tokens.reserve(vocabulary.size());
  for (const auto& [text, id] : vocabulary.items()) {
    // What is not in the alphabet of bytes is no result of merging: an added token, as a rule.
    if (auto bytes = bytes_of_alphabet(text)) tokens.push_back({std::move(*bytes), id_at(id)});
  }
  auto made = Vocabulary::make(tokens);
  if (!made) refuse(made.error());
  parts.vocabulary = std::move(*made);
  check_model(model, parts.vocabulary);
  read_merges(part(model, "merges"), parts.vocabulary);
  parts.ignores_merges = flag_at(model, "ignore_merges", false);
}

void Reader::check_model(const json& model, const Vocabulary& vocabulary) const {
  const json& dropout = part(model, "dropout");
  if (!dropout.is_null() && !(dropout.is_number() && dropout.get<double>() == 0)) {
    refuse_feature("\"dropout\"", "models without it");
  }
  for (const char* key : {"continuing_subword_prefix", "end_of_word_suffix"}) {
    const json& affix = part(model, key);
    if (!affix.is_null() && affix != "") {
      refuse_feature(fmt::format("\"{}\"", key), "byte-level models");
    }
  }
  bool has_all_bytes = true;
  for (uint32_t byte = 0; byte < 256; ++byte) {
    // 0xC0, 0xC1 and 0xF5 and on are in no UTF-8.
    if (byte == 0xC0 || byte == 0xC1 || byte >= 0xF5) continue;
    has_all_bytes &= vocabulary.id_of_byte(static_cast<uint8_t>(byte)) != Vocabulary::k_no_id;
  }
  const bool has_unknown = !part(model, "unk_token").is_null();
  if (!has_all_bytes && (has_unknown || flag_at(model, "byte_fallback", false))) {
    refuse_feature("a vocabulary that lacks bytes, with \"unk_token\" or \"byte_fallback\"",
                   "models with a token for each byte");
  }
}

void Reader::read_merges(const json& merges, Vocabulary& vocabulary) const {
  if (!merges.is_array()) refuse("\"model.merges\" is no array");
  vocabulary.reserve_merges(merges.size());
  for (const json& merge : merges) {
    std::string first, second;
    if (merge.is_string()) {
      const auto& both = merge.get_ref<const std::string&>();
      const size_t space = both.find(' ');
      if (space == std::string::npos) refuse("a merge is not two tokens");
      first = both.substr(0, space);
      second = both.substr(space + 1);
    } else if (merge.is_array() && merge.size() == 2 && merge[0].is_string() &&
               merge[1].is_string()) {
      first = merge[0].get<std::string>();
      second = merge[1].get<std::string>();
    } else {
      refuse("a merge is not two tokens");
    }
    const auto one = bytes_of_alphabet(first), other = bytes_of_alphabet(second);
    if (!one || !other) {
      refuse_feature(fmt::format("merge \"{} {}\"", first, second), "byte-level models");
    }
    if (const auto added = vocabulary.add_merge(*one, *other); !added) refuse(added.error());
  }
}

void Reader::read_normalizer(const json& normalizer, TokenizerParts& parts) const {
  if (normalizer.is_null()) return;
  const std::string type = type_of(normalizer);
  if (type == "NFC") {
    parts.normalizes_nfc = true;
  } else if (type == "Sequence") {
    for (const json& one : part(normalizer, "normalizers")) {
      if (type_of(one) == "Sequence") refuse_feature("a normalizer in two sequences", "\"NFC\"");
      read_normalizer(one, parts);
    }
  } else {
    refuse_feature(fmt::format("normalizer \"{}\"", type), "\"NFC\" and none");
  }
}

void Reader::read_pre_tokenizer(const json& pre_tokenizer, TokenizerParts& parts) const {
  constexpr const char* k_supported =
      "\"ByteLevel\", alone or behind one \"Split\" by a pattern of GPT-2, GPT-4, Llama 3 or Qwen "
      "2";
  if (pre_tokenizer.is_null()) refuse_feature("no pre-tokenizer", k_supported);
  const std::string type = type_of(pre_tokenizer);
  if (type == "ByteLevel") return read_byte_level(pre_tokenizer, true, parts);
  const json& steps = part(pre_tokenizer, "pretokenizers");
  if (type != "Sequence" || !steps.is_array()) {
    refuse_feature(fmt::format("pre-tokenizer \"{}\"", type), k_supported);
  }
  if (steps.size() == 1 && type_of(steps[0]) == "ByteLevel") {
    return read_byte_level(steps[0], true, parts);
  }
  if (steps.size() != 2 || type_of(steps[0]) != "Split" || type_of(steps[1]) != "ByteLevel") {
    std::string names;
    for (const json& step : steps) names += fmt::format(" \"{}\"", type_of(step));
    refuse_feature(fmt::format("the sequence of pre-tokenizers{}", names), k_supported);
  }
  parts.style = read_split(steps[0]);
  read_byte_level(steps[1], false, parts);
}

Style Reader::read_split(const json& split) const {
  const json& pattern = part(split, "pattern");
  if (!pattern.is_object() || !pattern.contains("Regex")) {
    refuse_feature("a \"Split\" without a regular expression", "the patterns of known models");
  }
  const std::string expression = text_at(pattern, "Regex");
  const auto style = style_of(expression);
  if (!style) {
    refuse_feature(fmt::format("the pattern {}", expression),
                   "those of GPT-2, GPT-4, Llama 3 and Qwen 2");
  }
  const std::string behavior = text_at(split, "behavior");
  // These patterns leave nothing between their matches, so that what is removed is all or nothing.
  const bool keeps_matches =
      flag_at(split, "invert", false) ? behavior == "Removed" : behavior == "Isolated";
  if (!keeps_matches) {
    refuse_feature(fmt::format("\"Split\" with behavior \"{}\"", behavior),
                   "\"Isolated\", or \"Removed\" inverted");
  }
  return *style;
}

void Reader::read_byte_level(const json& byte_level, bool is_alone, TokenizerParts& parts) const {
  const bool splits = flag_at(byte_level, "use_regex", true);
  const bool adds_space = flag_at(byte_level, "add_prefix_space", true);
  if (splits != is_alone) {
    refuse_feature(fmt::format("\"ByteLevel\" with use_regex {} here", splits),
                   "true where it stands alone, false behind a \"Split\"");
  }
  if (adds_space && !is_alone) {
    refuse_feature("add_prefix_space behind a \"Split\"", "it where \"ByteLevel\" stands alone");
  }
  parts.adds_prefix_space = adds_space;
}

void Reader::read_added(const json& tokens, TokenizerParts& parts) const {
  if (tokens.is_null()) return;
  if (!tokens.is_array()) refuse("\"added_tokens\" is no array");
  std::vector<AddedToken> raw, normalized;
  NormalizeScratch scratch;
  for (const json& entry : tokens) {
    if (!entry.is_object()) refuse("an added token is no object");
    AddedToken token{.content = text_at(entry, "content"),
                     .id = id_at(part(entry, "id")),
                     .single_word = flag_at(entry, "single_word", false),
                     .lstrip = flag_at(entry, "lstrip", false),
                     .rstrip = flag_at(entry, "rstrip", false),
                     .normalized = flag_at(entry, "normalized", true),
                     .special = flag_at(entry, "special", false)};
    if (token.content.size() > k_added_bytes_max) {
      refuse(fmt::format("added token {} is longer than {} bytes", token.id, k_added_bytes_max));
    }
    const auto bytes = bytes_of_alphabet(token.content);
    const auto known = bytes ? parts.vocabulary.id_of(*bytes) : std::nullopt;
    if (known && *known != token.id) {
      refuse(fmt::format("added token \"{}\" has the id {}, the vocabulary says {}", token.content,
                         token.id, *known));
    }
    if (token.normalized && parts.normalizes_nfc) {
      token.content = std::string(normalize_nfc(token.content, scratch));
    }
    (token.normalized ? normalized : raw).push_back(std::move(token));
  }
  parts.raw_tokens = AddedTokens(std::move(raw));
  parts.normalized_tokens = AddedTokens(std::move(normalized));
}

void Reader::read_post_processor(const json& processor, TokenizerParts& parts) const {
  if (processor.is_null()) return;
  const std::string type = type_of(processor);
  if (type == "ByteLevel") return;  // of offsets, not of ids
  if (type == "TemplateProcessing") return read_template(processor, parts);
  if (type != "Sequence") {
    refuse_feature(fmt::format("post-processor \"{}\"", type),
                   "\"ByteLevel\" and \"TemplateProcessing\"");
  }
  for (const json& one : part(processor, "processors")) {
    if (type_of(one) == "Sequence") refuse_feature("a post-processor in two sequences", "one");
    read_post_processor(one, parts);
  }
}

void Reader::read_template(const json& processor, TokenizerParts& parts) const {
  bool is_behind = false;
  std::vector<uint32_t> before, after;
  for (const json& piece : part(processor, "single")) {
    const json& special = part(piece, "SpecialToken");
    if (special.is_null()) {
      if (is_behind || part(piece, "Sequence").is_null()) {
        refuse("\"single\" of the template is not one text and tokens around it");
      }
      is_behind = true;
      continue;
    }
    const std::string token = text_at(special, "id");
    const json& entry = part(part(processor, "special_tokens"), token.c_str());
    const json& ids = part(entry, "ids");
    if (!ids.is_array() || ids.size() > k_around_count_max) {
      refuse(fmt::format("the template's \"{}\" has no ids", token));
    }
    for (const json& id : ids) (is_behind ? after : before).push_back(id_at(id));
  }
  if (!is_behind) refuse("\"single\" of the template lacks the text");
  if (parts.before.size() + before.size() + after.size() > k_around_count_max) {
    refuse("its templates put more than 1024 tokens around a text");
  }
  // A later template goes around what earlier ones made.
  parts.before.insert(parts.before.begin(), before.begin(), before.end());
  parts.after.insert(parts.after.end(), after.begin(), after.end());
}

const json& Reader::part(const json& object, const char* key) const {
  static const json k_null;
  if (!object.is_object()) return k_null;
  const auto found = object.find(key);
  return found == object.end() ? k_null : *found;
}

std::string Reader::text_at(const json& object, const char* key) const {
  const json& value = part(object, key);
  if (!value.is_string()) refuse(fmt::format("\"{}\" is no text", key));
  return value.get<std::string>();
}

bool Reader::flag_at(const json& object, const char* key, bool otherwise) const {
  const json& value = part(object, key);
  if (value.is_null()) return otherwise;
  if (!value.is_boolean()) refuse(fmt::format("\"{}\" is neither true nor false", key));
  return value.get<bool>();
}

uint32_t Reader::id_at(const json& value) const {
  if (!value.is_number_unsigned() || value.get<uint64_t>() >= Vocabulary::k_id_count_max) {
    refuse(fmt::format("an id is no whole number below {}", Vocabulary::k_id_count_max));
  }
  return value.get<uint32_t>();
}

std::string Reader::type_of(const json& object) const {
  if (!object.is_object()) refuse("a part of it is no object");
  return text_at(object, "type");
}

void Reader::refuse_feature(const std::string& what, const std::string& supported) const {
  refuse(fmt::format("it asks for {}, which is not supported", what),
         fmt::format("supported: {}; docs/text.md lists all", supported), Code::unsupported);
}

void Reader::refuse(std::string cause, std::string hint, Code code) const {
  throw Error({.code = code,
               .action = "cannot read tokenizer",
               .object = name_,
               .cause = std::move(cause),
               .hint = std::move(hint)});
}

}  // namespace

Tokenizer parse_tokenizer(std::string_view text, const std::string& name) {
  const json root = json::parse(text, nullptr, false);
  if (root.is_discarded() && looks_like_sentencepiece(text)) {
    return Tokenizer(parse_sentencepiece(text, name));
  }
  if (root.is_discarded()) {
    throw Error(
        {.code = Code::corrupt,
         .action = "cannot read tokenizer",
         .object = name,
         .cause = "it is not JSON",
         .hint = "a tokenizer.json of Hugging Face's tokenizers, or a .model of SentencePiece"});
  }
  return Tokenizer(Reader(name).read(root));
}

Tokenizer load_tokenizer(Files& files, const std::string& path) {
  const std::vector<std::byte> bytes = read_file(files, path, k_tokenizer_bytes_max);
  return parse_tokenizer({reinterpret_cast<const char*>(bytes.data()), bytes.size()}, path);
}

}  // namespace headrace::text
