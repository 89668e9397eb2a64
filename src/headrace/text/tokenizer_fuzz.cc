// Any text through three tokenizers, and any file as a tokenizer. Invariants: the tokens' bytes are
// the text that they were made of; what was cached changes nothing.
#include <cstdlib>

#include "headrace/base/error.h"
#include "headrace/text/small_tokenizer.h"
#include "headrace/text/tokenizer.h"

namespace headrace::text {
namespace {

Tokenizer tokenizer_of(const char* pattern, bool normalizes) {
  nlohmann::json file = small_tokenizer();
  if (normalizes) file["normalizer"] = {{"type", "NFC"}};
  if (pattern != nullptr) {
    file["pre_tokenizer"] = {
        {"type", "Sequence"},
        {"pretokenizers",
         {{{"type", "Split"}, {"pattern", {{"Regex", pattern}}}, {"behavior", "Isolated"}},
          {{"type", "ByteLevel"}, {"add_prefix_space", false}, {"use_regex", false}}}}};
  }
  return parse_tokenizer(file.dump(), "small");
}

void check_text(const Tokenizer& tokenizer, std::string_view bytes) {
  static TokenizerScratch used;
  TokenizerScratch fresh;
  const auto ids = tokenizer.encode(bytes, {}, fresh);
  if (!std::ranges::equal(ids, tokenizer.encode(bytes, {}, used))) std::abort();
  used = {};
  std::string text;
  for (const uint32_t id : ids) {
    text += id == 300   ? "<|end|>"
            : id == 301 ? "<|pad|>"
                        : tokenizer.parts().vocabulary.bytes_of(id);
  }
  if (tokenizer.parts().normalizes_nfc) return;
  std::string repaired;
  if (text != repair_utf8(bytes, repaired)) std::abort();
}

}  // namespace
}  // namespace headrace::text

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace headrace::text;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const std::string begin = R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N})";
  const std::string end = R"(| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)";
  static const Tokenizer gpt2 = tokenizer_of(nullptr, false);
  static const Tokenizer llama3 = tokenizer_of((begin + "{1,3}" + end).c_str(), false);
  static const Tokenizer qwen2 = tokenizer_of((begin + end).c_str(), true);
  check_text(gpt2, bytes);
  check_text(llama3, bytes);
  check_text(qwen2, bytes);
  if (size == 0 || data[0] != '{') return 0;
  try {
    TokenizerScratch scratch;
    parse_tokenizer(bytes, "input").encode("hello <|end|> world 123", {}, scratch);
  } catch (const headrace::Error&) {
  }
  return 0;
}
